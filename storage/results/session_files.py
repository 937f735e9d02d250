"""Incremental reader of a session's files: metrics, history and checkpoint manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.history import HistoryEntry, read_entries
from mnist_tui.storage.metrics.metric_columns import ColumnReader

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo

_Stamp = tuple[int, int] | None


class SessionFiles:
    """Follows metrics, history and checkpoints of one session; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.columns = ColumnReader(folder)
        self.entries: list[HistoryEntry] = []
        """The history, oldest first."""
        self.infos: list[CheckpointInfo] = []
        """The manifests of the checkpoints, newest last."""
        self._history = folder / folders.HISTORY
        self._checkpoints = folder / folders.CHECKPOINTS
        self._stamps: tuple[_Stamp, _Stamp] | None = None
        self._has_news = False

    def read(self) -> bool:
        """Take what is new and return whether there was anything, as there is the first time.

        Raises:
            StorageError: A file cannot be read or a newer version wrote it; the next call tries
                again.
        """
        # Kept over a failure further down: what was taken must not pass for known.
        self._has_news |= self.columns.read()
        stamps = _stamp(self._history), _stamp(self._checkpoints)
        if stamps != self._stamps:
            self.entries = read_entries(self._history)
            self.infos = CheckpointFolder(self._checkpoints).manifests()
            self._stamps, self._has_news = stamps, True
        has_news, self._has_news = self._has_news, False
        return has_news


def _stamp(path: Path) -> _Stamp:
    """Return what changes with the content of a file or folder; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
