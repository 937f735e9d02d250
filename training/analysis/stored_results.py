"""Stored results of sessions, read again only when the files have grown; for use in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.session_files import SessionFiles
from mnist_tui.training.analysis.comparison_metrics import Measured
from mnist_tui.training.sessions.active_time import ActiveTime, state_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord


class StoredResults:
    """Reader of the files of one session, for repeated use."""

    def __init__(self, home: Home, session_id: int) -> None:
        self._files = SessionFiles(home.session(session_id))
        self._newest: Measured | None = None

    def read(self, record: SessionRecord) -> Measured:
        """Return the current results of a session; the same object if nothing has changed.

        Raises:
            StorageError: The files cannot be read or a newer version wrote them.
        """
        has_grown = self._files.read()
        newest = self._newest
        if newest is None or has_grown or record != newest.record:
            newest = self._newest = self._measured(record)
        return newest

    def _measured(self, record: SessionRecord) -> Measured:
        files = self._files
        train, val, test = map(files.columns.split, SPLITS)
        times = [split.time[np.isfinite(split.time)] for split in (train, val, test)]
        return Measured(
            record,
            train,
            val,
            test,
            active=ActiveTime.from_entries(files.entries, self._row_times(times)),
            newest_time=max((float(each[-1]) for each in times if len(each)), default=0.0),
            checkpoint_bytes=files.infos[-1].num_bytes if files.infos else None,
        )

    def _row_times(self, times: Sequence[NDArray[np.float64]]) -> Sequence[float]:
        """Return the times of all rows, rising, if an interruption needs them."""
        changes = state_changes(self._files.entries)
        if not any(change.state is SessionState.INTERRUPTED for change in changes):
            return ()
        # They are searched by bisection, which an array does for itself.
        return cast("Sequence[float]", np.sort(np.concatenate(times)))
