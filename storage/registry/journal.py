"""An append-only journal: one JSON document per line, each behind its CRC-32.

A line that was not written in full is no line; what follows a damaged line is still read.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import PRIVATE_FILE, sync_folder, write_all, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap
    from pathlib import Path

_CRC_DIGITS = 8

# macOS has no fdatasync.
_sync = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True)
class Replay:
    """Content of a journal."""

    payloads: list[bytes]
    """The documents of all sound lines, in order."""
    num_bytes: int
    """Length of the journal up to the end of its last whole line."""
    num_damaged: int
    """Whole lines whose CRC does not match."""


def frame(payload: bytes) -> bytes:
    """Return `payload` as one line.

    Raises:
        ValueError: It holds a line break.
    """
    if b"\n" in payload:
        raise ValueError("a journal document must be one line")
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def unframe(line: bytes) -> bytes | None:
    """Return the document in `line` (without its line break), or None if the CRC differs."""
    payload = line[_CRC_DIGITS + 1 :]
    return payload if line[: _CRC_DIGITS + 1] == b"%08x " % zlib.crc32(payload) else None


def replay(content: bytes) -> Replay:
    """Return what the lines in `content` say; half a line at the end is left out."""
    documents = list(read_documents(content))
    payloads = [document for document in documents if document is not None]
    return Replay(payloads, content.rfind(b"\n") + 1, num_damaged=len(documents) - len(payloads))


def read_documents(content: mmap | bytes) -> Iterator[bytes | None]:
    """Yield the document of every whole line, None for one that is damaged."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        yield unframe(content[start:end])
        start = end + 1


class Journal:
    """The journal at `path`, open for its one writer."""

    def __init__(self, path: Path) -> None:
        """Open the journal, making it if there is none, and cut off half a line at its end.

        Raises:
            OSError: It cannot be opened or cut.
        """
        self.path = path
        self._descriptor = _open(path)
        self.num_bytes = replay(path.read_bytes()).num_bytes
        """Length of what was appended and synced."""
        self.is_broken = False
        """The state of the file is unknown; only `reset` makes it usable again."""
        os.ftruncate(self._descriptor, self.num_bytes)
        sync_folder(path.parent)

    def append(self, payload: bytes) -> None:
        """Append one document and return once it is durable.

        Raises:
            OSError: It was not appended; the journal is as it was, or `is_broken`.
        """
        assert not self.is_broken, "a broken journal must be reset first"
        line = frame(payload)
        try:
            write_all(self._descriptor, line)
        except OSError:
            self._cut_back()
            raise
        try:
            _sync(self._descriptor)
        except OSError:
            # After a failed sync the kernel may drop the pages and call the next sync a success.
            self._cut_back()
            self.is_broken = True
            raise
        self.num_bytes += len(line)

    def reset(self) -> None:
        """Begin again with an empty file.

        Raises:
            OSError: The journal `is_broken` until another reset succeeds.
        """
        self.is_broken = True
        write_atomic(self.path, b"")
        descriptor = _open(self.path)
        os.close(self._descriptor)
        self._descriptor = descriptor
        self.num_bytes = 0
        self.is_broken = False

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _cut_back(self) -> None:
        self.is_broken = True
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self.num_bytes)
            self.is_broken = False


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    return os.open(path, flags, PRIVATE_FILE)
