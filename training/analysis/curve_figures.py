"""Figures of one curve: last and best value, convergence, fall, spread and speed.

A curve is a `Columns` of points by rising step and the name of one of its columns. Values that are
not finite do not count; an unknown figure is None, so that none is ever NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mnist_tui.storage.metrics.metric_columns import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SPREAD_POINTS = 5

Metric = Literal["loss", "accuracy", "mse"]


class Point(NamedTuple):
    """One value of a curve."""

    value: float
    epoch: float
    time: float
    """Unix seconds."""


class Fall(NamedTuple):
    """Fall of the loss from epoch to epoch; negative if it rises."""

    per_epoch: float | None = None
    """Mean fall, in units of the loss."""
    rate: float | None = None
    """Share of the loss that an epoch takes away, as a geometric mean."""


def last(points: Columns, metric: Metric) -> Point | None:
    """Return the newest value."""
    finite = np.flatnonzero(np.isfinite(getattr(points, metric)))
    return _point(points, metric, finite[-1]) if len(finite) else None


def best(points: Columns, metric: Metric) -> Point | None:
    """Return the first maximum of the accuracy, or minimum of another metric."""
    values: NDArray[np.float64] = getattr(points, metric)
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return None
    choose = np.argmax if metric == "accuracy" else np.argmin
    return _point(points, metric, finite[choose(values[finite])])


def first_reaching(points: Columns, accuracy: float) -> Point | None:
    """Return the first point with at least this accuracy (0..1)."""
    # A comparison with NaN is false.
    reaching = np.flatnonzero(points.accuracy >= accuracy)
    return _point(points, "accuracy", reaching[0]) if len(reaching) else None


def loss_fall(points: Columns) -> Fall:
    """Return the fall of the loss between the first and the last point, a and b their epochs.

    Per epoch (L(a) − L(b)) / (b − a); as a rate 1 − (L(b) / L(a)) ** (1 / (b − a)). Both need two
    epochs, the rate also a loss above 0.
    """
    finite = np.flatnonzero(np.isfinite(points.loss))
    if not len(finite):
        return Fall()
    start, end = _point(points, "loss", finite[0]), _point(points, "loss", finite[-1])
    num_epochs = end.epoch - start.epoch
    if num_epochs <= 0:
        return Fall()
    rate = 1 - (end.value / start.value) ** (1 / num_epochs) if start.value > 0 else None
    return Fall((start.value - end.value) / num_epochs, rate)


def spread(points: Columns, metric: Metric) -> float | None:
    """Return the sample standard deviation (by n − 1) of the last five points, or of 2 to 4."""
    values: NDArray[np.float64] = getattr(points, metric)
    newest = values[np.isfinite(values)][-MAX_SPREAD_POINTS:]
    return float(newest.std(ddof=1)) if len(newest) > 1 else None


def gap(train: Columns, val: Columns) -> float | None:
    """Return training minus validation accuracy at the newest epoch that has both (fraction)."""
    accuracies = dict(zip(train.epoch.tolist(), train.accuracy.tolist(), strict=True))
    for epoch, accuracy in zip(reversed(val.epoch.tolist()), val.accuracy[::-1], strict=True):
        difference = accuracies.get(epoch, np.nan) - accuracy
        if np.isfinite(difference):
            return float(difference)
    return None


def batches_per_s(train: Columns) -> float | None:
    """Return the median speed between neighbouring rows of training within an epoch.

    Validation lies between epochs and does not count; a pause or a checkpoint slows single pairs
    down, which a median does not see.
    """
    batches, seconds = np.diff(train.step), np.diff(train.time)
    # A row that ends an epoch belongs to it, so that the epoch of a row is its ceiling.
    is_within = (np.diff(np.ceil(train.epoch)) == 0) & (seconds > 0)
    return float(np.median(batches[is_within] / seconds[is_within])) if is_within.any() else None


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

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
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


def _point(points: Columns, metric: Metric, index: int | np.intp) -> Point:
    value = getattr(points, metric)[index]
    return Point(float(value), float(points.epoch[index]), float(points.time[index]))


def _weighted(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    groups: NDArray[np.intp],
    num_groups: int,
) -> NDArray[np.float64]:
    """Return the weighted mean of each group, NaN if it has no finite value."""
    is_finite = np.isfinite(values)
    groups, values, weights = groups[is_finite], values[is_finite], weights[is_finite]
    sums = np.bincount(groups, weights * values, num_groups)
    totals = np.bincount(groups, weights, num_groups)
    means: NDArray[np.float64] = np.full(num_groups, np.nan)
    np.divide(sums, totals, out=means, where=totals > 0)
    return means
