"""The rows of training folded into one per epoch, so that they compare with validation's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.metrics.metric_columns import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def epoch_means(train: Columns) -> Columns:
    """Return one row per complete epoch: the mean of the epoch's rows, weighted by their batches.

    A row of training is the mean of the few batches since the row before, too few to be compared;
    the mean over an epoch is the running mean that Keras prints, with dropout on. `step`, `epoch`,
    `learning_rate` and `time` are those of the epoch's last row. Rows without a number are left
    out of a mean; an epoch of nothing else is NaN.
    """
    if not len(train.step):
        return train
    epoch_of = np.ceil(train.epoch)
    last = np.flatnonzero(np.r_[epoch_of[1:] != epoch_of[:-1], True])
    # A row ends each epoch, however short, so that a complete one ends with a whole number.
    last = last[train.epoch[last] == epoch_of[last]]
    batches = np.diff(train.step, prepend=0).astype(np.float64)
    # Epochs by number, so that rows of one that never ended are in no group.
    groups = np.searchsorted(epoch_of[last], epoch_of)
    is_complete = np.r_[epoch_of[last], -1.0][groups] == epoch_of

    def mean(values: Floats) -> Floats:
        return _weighted(values[is_complete], batches[is_complete], groups[is_complete], len(last))

    return Columns(
        step=train.step[last],
        epoch=train.epoch[last],
        loss=mean(train.loss),
        accuracy=mean(train.accuracy),
        mse=mean(train.mse),
        learning_rate=train.learning_rate[last],
        time=train.time[last],
    )


def _weighted(values: Floats, weights: Floats, groups: NDArray[np.intp], num_groups: int) -> Floats:
    """Return the weighted mean of each group, NaN where it has no finite value."""
    is_finite = np.isfinite(values)
    groups, values, weights = groups[is_finite], values[is_finite], weights[is_finite]
    sums = np.bincount(groups, weights * values, num_groups)
    totals = np.bincount(groups, weights, num_groups)
    means: Floats = np.full(num_groups, np.nan)
    np.divide(sums, totals, out=means, where=totals > 0)
    return means
