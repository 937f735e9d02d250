"""Whether a worker still owns its session: the record in the folder names the newest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage import folders
from mnist_tui.storage.errors import StorageError
from mnist_tui.training.engine.interfaces import LeaseLostError

if TYPE_CHECKING:
    from pathlib import Path


class FolderLease:
    """Asks the session's own copy of its record which generation owns it."""

    def __init__(self, folder: Path, generation: int) -> None:
        self._copy = folder / folders.SESSION_COPY
        self._generation = generation

    @property
    def generation(self) -> int:
        """The number of this worker."""
        return self._generation

    def check(self) -> None:
        """Raise LeaseLostError when the record names a newer generation."""
        try:
            content = self._copy.read_bytes()
        except FileNotFoundError:
            raise StorageError(
                f"The session's folder {self._copy.parent} is gone; nothing more can be saved."
            ) from None
        newest = msgspec.json.decode(content, type=_Owner).generation
        if newest > self._generation:
            raise LeaseLostError


class _Owner(msgspec.Struct):
    generation: int
