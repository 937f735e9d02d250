"""Valid metric rows of a session as one numpy array per column; follows a live session.

Import this module late: numpy costs 120 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mnist_tui.storage.folders import METRICS
from mnist_tui.storage.line_follower import LineFollower
from mnist_tui.storage.metrics.metric_batches import decode_batch, sidecar_batches
from mnist_tui.storage.metrics.metric_records import METRICS_FORMAT, SPLITS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mnist_tui.storage.metrics.metric_batches import Batch

VALUES: Final = ("epoch", "loss", "accuracy", "mse", "learning_rate", "time")
CHUNK_BYTES = 1024 * 1024
"""Bytes of JSON decoded at a time, so that few rows are Python objects at once."""
LONG_BYTES = 256 * 1024
"""A stretch of JSON from which on the sidecar is faster in spite of being verified."""

_NEVER = np.iinfo(np.int64).max
_MIN_CAPACITY = 64
_SLACK = 1.05


@dataclass(frozen=True, eq=False)
class Columns:
    """The rows of one split that hold, rising by step; arrays of equal length, read-only."""

    step: NDArray[np.int64]
    """Optimiser steps done when the row was written."""
    epoch: NDArray[np.float64]
    """Epochs done, fractional."""
    loss: NDArray[np.float64]
    """Mean cross-entropy per image; NaN if it was not finite."""
    accuracy: NDArray[np.float64]
    """Top-1 accuracy, 0..1; NaN where absent."""
    mse: NDArray[np.float64]
    """Mean squared error of softmax output against one-hot label; NaN where absent."""
    learning_rate: NDArray[np.float64]
    time: NDArray[np.float64]
    """Unix seconds; NaN if the row has none."""

    def __len__(self) -> int:
        return len(self.step)


class ColumnReader:
    """Follows the metrics of the session in a folder; one thread at a time may use it."""

    def __init__(self, session_folder: Path) -> None:
        self._lines = LineFollower(session_folder / METRICS, METRICS_FORMAT)
        self._num_restarts = 0
        self._splits = _SplitTable()

    def read(self) -> bool:
        """Take what was written since the last look; return whether there was anything.

        Raises:
            StorageError: The metrics cannot be read or a newer version wrote them.
        """
        num_unread = self._lines.num_unread()
        has_changed = self._forget_if_replaced()
        stop = self._lines.offset + num_unread
        if num_unread >= LONG_BYTES:
            has_changed |= self._read_sidecar(stop)
        while lines := self._lines.read_lines(CHUNK_BYTES):
            has_changed |= self._forget_if_replaced()
            num_left = max(0, stop - self._lines.offset)
            has_changed |= self._splits.apply(decode_batch(lines), num_left / len(lines))
        return has_changed

    def split(self, name: str) -> Columns:
        """Return the rows of train, val or test that hold, none of an unknown split.

        The arrays stay as they are whatever is read later; the very same object comes back until
        something changes.
        """
        return self._splits.columns(name)

    def _read_sidecar(self, stop: int) -> bool:
        has_changed = False
        for batch in sidecar_batches(self._lines.path, self._lines.offset):
            begin, end = self._lines.offset, int(batch["end"][-1])
            has_changed |= self._splits.apply(batch, max(0, stop - end) / (end - begin))
            self._lines.offset = end
        return has_changed

    def _forget_if_replaced(self) -> bool:
        if self._num_restarts == self._lines.num_restarts:
            return False
        self._num_restarts = self._lines.num_restarts
        self._splits = _SplitTable()
        return True


class _SplitTable:
    """The rows that hold, by the rules of `metric_log.MetricSeries`, many at a time."""

    def __init__(self) -> None:
        self._splits = [_SplitRows() for _ in SPLITS]
        self._generation = 0

    def columns(self, split: str) -> Columns:
        """Return the rows of a split."""
        return self._splits[SPLITS.index(split)].columns() if split in SPLITS else _EMPTY

    def apply(self, batch: Batch, num_more: float) -> bool:
        """Add rows in the order of the file; return whether there were any.

        Args:
            batch: The rows.
            num_more: About how many batches as large as this one follow it.
        """
        if len(batch) == 0:
            return False
        newest = np.maximum.accumulate(np.maximum(batch["generation"], self._generation))
        is_first = np.diff(newest, prepend=newest.dtype.type(self._generation)) > 0
        is_known = batch["generation"] == newest
        self._generation = int(newest[-1])
        step = np.ascontiguousarray(batch["step"])
        for code, rows in enumerate(self._splits):
            is_own = is_known & (batch["split"] == code)
            # From which step on each row ends earlier ones; a new worker ends a future of all.
            ends = np.where(is_own, step, np.where(is_first, step + 1, _NEVER))
            least = np.minimum.accumulate(ends[::-1])[::-1]
            rows.cut(int(least[0]))
            is_own[:-1] &= step[:-1] < least[1:]
            if is_own.any():
                rows.extend(batch, is_own, num_more)
        return True


class _SplitRows:
    """The rows of one split, in arrays with room to grow."""

    def __init__(self) -> None:
        self._steps = np.empty(0, np.int64)
        self._values = np.empty((len(VALUES), 0))
        self._count = 0
        self._columns: Columns | None = None
        self._num_shown = 0

    def columns(self) -> Columns:
        """Return the rows; the arrays keep what they hold."""
        if self._columns is None:
            steps, values = self._steps[: self._count], self._values[:, : self._count]
            steps.flags.writeable = values.flags.writeable = False
            self._columns = Columns(step=steps, **dict(zip(VALUES, values, strict=True)))
            self._num_shown = max(self._num_shown, self._count)
        return self._columns

    def cut(self, step: int) -> None:
        """Drop the rows from `step` on."""
        count = int(np.searchsorted(self._steps[: self._count], step))
        if count == self._count:
            return
        self._count, self._columns = count, None
        if count < self._num_shown:
            # Somebody may still look at what the next rows would overwrite.
            self._move(len(self._steps))

    def extend(self, batch: Batch, is_kept: NDArray[np.bool_], num_more: float) -> None:
        """Append the kept rows of a batch, after which about `num_more` like it come."""
        num_kept = int(np.count_nonzero(is_kept))
        begin, count = self._count, self._count + num_kept
        if count > len(self._steps):
            # Copying while growing would take more memory than the rows.
            expected = count + int(_SLACK * num_kept * num_more)
            self._move(max(2 * len(self._steps), expected, _MIN_CAPACITY))
        self._steps[begin:count] = batch["step"][is_kept]
        for name, column in zip(VALUES, self._values, strict=True):
            column[begin:count] = batch[name][is_kept]
        self._count, self._columns = count, None

    def _move(self, capacity: int) -> None:
        """Copy the rows into new arrays; untouched room takes no memory."""
        steps, values = np.empty(capacity, np.int64), np.empty((len(VALUES), capacity))
        steps[: self._count] = self._steps[: self._count]
        values[:, : self._count] = self._values[:, : self._count]
        self._steps, self._values, self._num_shown = steps, values, 0


_EMPTY = _SplitRows().columns()
