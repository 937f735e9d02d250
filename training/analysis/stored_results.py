"""What is on disk about trainings, read again only where it has grown; call it in a thread."""

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
    """Reads the files of one session, as often as it is asked."""

    def __init__(self, home: Home, session_id: int) -> None:
        self._files = SessionFiles(home.session(session_id))
        self._known: Measured | None = None

    def read(self, record: SessionRecord) -> Measured:
        """Return what is known of a session now; the same object where nothing has changed.

        Raises:
            StorageError: The files cannot be read or a newer version wrote them.
        """
        has_grown = self._files.read()
        known = self._known
        if known is None or has_grown or record != known.record:
            known = self._known = self._measured(record)
        return known

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
        """Return the times of all rows, rising, where an interruption asks for them."""
        changes = state_changes(self._files.entries)
        if not any(change.state is SessionState.INTERRUPTED for change in changes):
            return ()
        # They are searched by bisection, which an array does for itself.
        return cast("Sequence[float]", np.sort(np.concatenate(times)))
