"""What is on disk about trainings, read again only where it has grown; call it in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from storage import folders
from storage.checkpoints import CheckpointFolder
from storage.history import read_entries
from storage.metric_columns import ColumnReader
from training.active_time import ActiveTime
from training.comparison_metrics import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.home import Home
    from storage.records import SessionRecord

SPLITS = ("train", "val", "test")

Stamp = tuple[int, int] | None


class Measuring:
    """Reads the files of one session, as often as it is asked."""

    def __init__(self, home: Home, session_id: int) -> None:
        self._folder = home.session(session_id)
        self._columns = ColumnReader(self._folder)
        self._stamps: tuple[Stamp, Stamp] | None = None
        self._known: Measured | None = None

    def read(self, record: SessionRecord) -> Measured:
        """Return what is known of a session now; the same object where nothing has changed.

        Raises:
            StorageError: The files cannot be read or a newer version wrote them.
        """
        checkpoints = self._folder / folders.CHECKPOINTS
        stamps = _stamp(self._folder / folders.HISTORY), _stamp(checkpoints)
        has_grown = self._columns.read() or stamps != self._stamps
        known = self._known
        if known is None or has_grown or record != known.record:
            known = self._known = self._measured(record, checkpoints)
            self._stamps = stamps
        return known

    def _measured(self, record: SessionRecord, checkpoints: Path) -> Measured:
        train, val, test = map(self._columns.split, SPLITS)
        times = np.concatenate([train.time, val.time, test.time])
        times = np.sort(times[np.isfinite(times)])
        entries = read_entries(self._folder / folders.HISTORY)
        manifests = CheckpointFolder(checkpoints).manifests()
        return Measured(
            record,
            train,
            val,
            test,
            # It is searched by bisection, which an array does for itself.
            ActiveTime.from_entries(entries, cast("Sequence[float]", times)),
            newest_time=float(times[-1]) if len(times) else 0.0,
            checkpoint_bytes=manifests[-1].num_bytes if manifests else None,
        )


def _stamp(path: Path) -> Stamp:
    """Return what changes whenever a file or the entries of a folder do."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
