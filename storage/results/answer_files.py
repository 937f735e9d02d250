"""Stored answers of models; a manifest, written last, makes each valid.

The manifest is all that figures need; numpy is loaded only for the answers themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar
from zipfile import BadZipFile

import msgspec
from msgspec import Struct

from mnist_tui.storage.atomic import reason, sync_folder, temp_path, write_atomic, write_new
from mnist_tui.storage.errors import StorageError, failure
from mnist_tui.storage.folders import PRIVATE_FOLDER
from mnist_tui.storage.lines import UNREADABLE, require_known_format

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]


class Manifest(Struct, frozen=True, kw_only=True):
    """Fields of every manifest."""

    step: int
    """Optimiser steps that made the weights."""
    sha256: str = ""
    """Of the file of answers."""


M = TypeVar("M", bound=Manifest)
Answers = TypeVar("Answers")


@dataclass(frozen=True)
class AnswerFiles(Generic[M]):
    """The answers of one kind in a session's folder."""

    kind: type[M]
    newest_format: int
    noun: str
    """Its name in sentences."""
    again: str
    """Instruction to make it again, for sentences."""
    folder_name: str
    file_name: re.Pattern[str]
    """Of a manifest."""
    stem: Callable[[M], str]
    """The name of both files without their endings."""

    def path(self, folder: Path, manifest: M) -> Path:
        """Return where answers are; their manifest lies beside."""
        return folder / self.folder_name / f"{self.stem(manifest)}.npz"

    def write(self, folder: Path, manifest: M, arrays: Arrays) -> M:
        """Store answers durably and return their manifest with their checksum.

        Those of the same name are replaced.

        Args:
            folder: The session's folder.
            manifest: Its `sha256` is filled in here.
            arrays: The answers by name.

        Raises:
            DiskFullError: There is no room; nothing was stored.
            StorageError: Nothing was stored for another reason.
        """
        content = _packed(arrays)
        digest = hashlib.sha256(content).hexdigest()
        manifest = msgspec.structs.replace(manifest, sha256=digest)
        path = self.path(folder, manifest)
        try:
            _make(path.parent)
            temp = temp_path(path)
            try:
                write_new(temp, content)
                # Gone before its answers are: a manifest never stands beside those of another.
                path.with_suffix(".json").unlink(missing_ok=True)
                temp.replace(path)
            finally:
                with contextlib.suppress(OSError):
                    temp.unlink(missing_ok=True)
            write_atomic(path.with_suffix(".json"), msgspec.json.encode(manifest) + b"\n")
        except OSError as error:
            raise failure(
                error,
                f"The {self.noun} of step {manifest.step:,} cannot be stored in {path.parent}"
                f" ({reason(error)}); make room or check that the folder is yours, then try again.",
            ) from error
        return manifest

    def manifests(self, folder: Path) -> list[M]:
        """Return the manifests in a session's folder, in no order; damaged ones are left out.

        Raises:
            StorageError: They cannot be read or a newer version wrote one.
        """
        parent = folder / self.folder_name
        try:
            paths = [path for path in parent.iterdir() if self.file_name.fullmatch(path.name)]
            return [found for path in paths if (found := self._read(path)) is not None]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(
                f"The {self.noun}s in {parent} cannot be read ({reason(error)});"
                " check its permissions."
            ) from error

    def read(self, folder: Path, manifest: M, unpack: Callable[[Arrays], Answers]) -> Answers:
        """Return what a model answered.

        Args:
            folder: The session's folder.
            manifest: Its answers.
            unpack: Makes them of the arrays; raises ValueError or KeyError where they do not fit.

        Raises:
            StorageError: The file is missing, or not the one that was stored.
        """
        path = self.path(folder, manifest)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise StorageError(f"{path} is missing; {self.again}.") from None
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read ({reason(error)}); check its permissions."
            ) from error
        if hashlib.sha256(content).hexdigest() != manifest.sha256:
            raise StorageError(f"{path} is damaged: its checksum does not match; {self.again}.")
        try:
            return _unpacked(content, unpack)
        except (ValueError, KeyError, BadZipFile) as error:
            raise StorageError(
                f"{path} does not hold what its manifest says ({error}); {self.again}."
            ) from error

    def _read(self, path: Path) -> M | None:
        """Return what a manifest says; None if it is damaged or has just been replaced."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        require_known_format(path, content, self.newest_format)
        try:
            manifest = msgspec.json.decode(content, type=self.kind)
        except UNREADABLE:
            return None
        return manifest if path.stem == self.stem(manifest) else None


def _make(folder: Path) -> None:
    """Make the folder, but not the session's folder around it: that one may be removed."""
    if not folder.is_dir():
        folder.mkdir(mode=PRIVATE_FOLDER)
        sync_folder(folder.parent)


def _packed(arrays: Arrays) -> bytes:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    buffer = io.BytesIO()
    contents: dict[str, Any] = dict(arrays)
    np.savez(buffer, **contents)
    return buffer.getvalue()


def _unpacked(content: bytes, unpack: Callable[[Arrays], Answers]) -> Answers:
    import numpy as np  # noqa: PLC0415 — 70 ms that figures do without

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return unpack(arrays)
