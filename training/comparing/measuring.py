"""What is on disk about trainings, read again only where it has grown; call it in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from storage import folders
from storage.checkpoints import CheckpointFolder
from storage.history import read_entries
from storage.metric_columns import ColumnReader
from storage.records import SessionState
from training.active_time import ActiveTime, state_changes
from training.comparing.metrics import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from storage.history import HistoryEntry
    from storage.home import Home
    from storage.records import SessionRecord

SPLITS = ("train", "val", "test")


class Measuring:
    """Reads the files of one session, as often as it is asked."""

    def __init__(self, home: Home, session_id: int) -> None:
        folder = home.session(session_id)
        self._columns = ColumnReader(folder)
        self._history = folder / folders.HISTORY
        self._checkpoints = folder / folders.CHECKPOINTS
        self._stamps: dict[Path, tuple[int, int] | None] = {}
        self._entries: list[HistoryEntry] = []
        self._checkpoint_bytes: int | None = None
        self._known: Measured | None = None

    def read(self, record: SessionRecord) -> Measured:
        """Return what is known of a session now; the same object where nothing has changed.

        Raises:
            StorageError: The files cannot be read or a newer version wrote them.
        """
        has_grown = self._columns.read()
        if self._has_changed(self._history):
            self._entries, has_grown = read_entries(self._history), True
        if self._has_changed(self._checkpoints):
            manifests = CheckpointFolder(self._checkpoints).manifests()
            self._checkpoint_bytes = manifests[-1].num_bytes if manifests else None
            has_grown = True
        known = self._known
        if known is None or has_grown or record != known.record:
            known = self._known = self._measured(record)
        return known

    def _measured(self, record: SessionRecord) -> Measured:
        train, val, test = map(self._columns.split, SPLITS)
        times = [split.time[np.isfinite(split.time)] for split in (train, val, test)]
        return Measured(
            record,
            train,
            val,
            test,
            active=ActiveTime.from_entries(self._entries, self._row_times(times)),
            newest_time=max((float(each[-1]) for each in times if len(each)), default=0.0),
            checkpoint_bytes=self._checkpoint_bytes,
        )

    def _row_times(self, times: Sequence[NDArray[np.float64]]) -> Sequence[float]:
        """Return the times of all rows, rising, where an interruption asks for them."""
        changes = state_changes(self._entries)
        if not any(change.state is SessionState.INTERRUPTED for change in changes):
            return ()
        # They are searched by bisection, which an array does for itself.
        return cast("Sequence[float]", np.sort(np.concatenate(times)))

    def _has_changed(self, path: Path) -> bool:
        """Return whether a file, or the entries of a folder, are others than at the last look."""
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = None
        is_new = path not in self._stamps or self._stamps[path] != stamp
        self._stamps[path] = stamp
        return is_new
