"""Append-only files of JSON lines: format version first, unfinished lines ignored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from mnist_tui.storage.atomic import PRIVATE_FILE, reason, write_all
from mnist_tui.storage.errors import StorageError, failure

if TYPE_CHECKING:
    from pathlib import Path


Line = TypeVar("Line")


class Header(Struct, frozen=True, kw_only=True):
    """The first line of the file."""

    format: int


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Exceptions raised by decoding damaged JSON."""

_header_decoder = msgspec.json.Decoder(Header)


class LineAppender:
    """Appends whole lines to the file at `path`, which this process alone writes."""

    def __init__(self, path: Path, file_format: int) -> None:
        """Open the file, making it if there is none.

        Raises:
            StorageError: It cannot be opened.
        """
        self.path = path
        self._format = file_format
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            self._descriptor = os.open(path, flags, PRIVATE_FILE)
        except OSError as error:
            raise failure(
                error,
                f"{path} cannot be written ({reason(error)});"
                " check that its folder is still there and yours.",
            ) from error

    def append(self, lines: bytes) -> None:
        """Append `lines`, each with its line break, in one write.

        Raises:
            DiskFullError: They could not all be written; later ones still can.
            StorageError: The same, for another reason.
        """
        try:
            write_all(self._descriptor, self._beginning() + lines)
        except OSError as error:
            raise self._explained(error) from error

    def size(self) -> int:
        """Return how long the file is, in bytes."""
        return os.fstat(self._descriptor).st_size

    def sync(self) -> None:
        """Make what was appended durable.

        Raises:
            DiskFullError: There is no room for all of it.
            StorageError: It is not durable for another reason.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _explained(self, error: OSError) -> StorageError:
        text = f"{self.path} could not be written ({reason(error)}); make room on that disk."
        return failure(error, text)

    def _beginning(self) -> bytes:
        """Return what must stand before the next line: the header, a line break, or nothing."""
        size = os.fstat(self._descriptor).st_size
        if size == 0:
            return msgspec.json.encode(Header(format=self._format)) + b"\n"
        is_whole = os.pread(self._descriptor, 1, size - 1) == b"\n"
        return b"" if is_whole else b"\n"


def read_lines(path: Path, file_format: int, decoder: msgspec.json.Decoder[Line]) -> list[Line]:
    """Return the whole lines of a file in order, none if there is no file.

    Damaged lines are left out.

    Raises:
        StorageError: The file cannot be read or a newer version wrote it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({reason(error)}); check its permissions."
        ) from error
    found = []
    for number, line in enumerate(content.split(b"\n")[:-1]):
        if number == 0 and require_known_format(path, line, file_format):
            continue
        try:
            found.append(decoder.decode(line))
        except UNREADABLE:
            continue
    return found


def require_known_format(path: Path, document: bytes, newest: int) -> bool:
    """Return True if `document`, from the file at `path`, says its format, and a known one.

    Raises:
        StorageError: Its format is newer than `newest`.
    """
    try:
        header = _header_decoder.decode(document)
    except UNREADABLE:
        return False
    if header.format > newest:
        raise StorageError(newer_format(path, header.format, newest))
    return True


def newer_format(path: Path, found: int, newest: int) -> str:
    """Return the sentence about a file that this version cannot read."""
    return (
        f"{path} was written by a newer mnist-tui (format {found}, this one reads up to {newest});"
        " upgrade mnist-tui to use it."
    )
