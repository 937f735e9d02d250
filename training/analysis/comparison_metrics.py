"""Metrics of a comparison: how each is computed, what it means, and which end is better.

`tui.text.figures` has their labels and units. Validation has a point for each of its rows, one per
epoch; training has one for the mean of each complete epoch. The test set has only the last score,
since nothing may be chosen by test accuracy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mnist_tui.training.analysis import curve_figures
from mnist_tui.training.analysis.curve_figures import epoch_means
from mnist_tui.training.sessions import progress as figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.curve_figures import Point
    from mnist_tui.training.sessions.active_time import ActiveTime

Split = Literal["val", "train"]


@dataclass(frozen=True)
class Measured:
    """Measurements of one session, read from its files; derived figures are computed once."""

    record: SessionRecord
    train: Columns
    val: Columns
    test: Columns
    active: ActiveTime
    newest_time: float = 0.0
    """Unix seconds of the newest metric row."""
    checkpoint_bytes: int | None = None
    """Size of the newest checkpoint."""

    @cached_property
    def train_points(self) -> Columns:
        """The points of training, one per complete epoch."""
        return epoch_means(self.train)

    @cached_property
    def batches_per_s(self) -> float | None:
        """The median speed of training."""
        return curve_figures.batches_per_s(self.train)

    def points(self, split: Split) -> Columns:
        """Return the points of validation or training."""
        return self.val if split == "val" else self.train_points

    @property
    def trained_s(self) -> float | None:
        """Seconds in the state `running` until the newest metric row, without pauses and waits."""
        return self.active.seconds_at(self.newest_time) or None


@dataclass(frozen=True)
class Question:
    """Parameters of the convergence and stability metrics."""

    split: Split
    """Validation, or training if a session has no validation images."""
    accuracy: float | None
    """The accuracy to converge to, 0..1, or None."""


@dataclass(frozen=True)
class Metric:
    """One row of the comparison."""

    name: str
    """Its key in JSON."""
    meaning: str
    value: Callable[[Measured, Question], float | None] = field(repr=False)
    better: Literal["higher", "lower", ""] = ""
    """The better end; empty if there is none."""
    needs_same_data: bool = True
    """True if values measured on different data cannot be compared."""


def _value(point: Point | None) -> float | None:
    return None if point is None else point.value


def _epoch(point: Point | None) -> float | None:
    return None if point is None else point.epoch


def _reached(measured: Measured, question: Question) -> Point | None:
    if question.accuracy is None:
        return None
    return curve_figures.first_reaching(measured.points(question.split), question.accuracy)


def _seconds_to_reach(measured: Measured, question: Question) -> float | None:
    point = _reached(measured, question)
    is_timed = point is not None and math.isfinite(point.time)
    return measured.active.seconds_at(point.time) if point and is_timed else None


def _images_per_s(measured: Measured) -> float | None:
    batches_per_s = measured.batches_per_s
    return batches_per_s and batches_per_s * int(measured.record.parameters["batch_size"])


def _seconds_per_epoch(measured: Measured) -> float | None:
    epochs = figures.epochs_done(measured.record)
    return measured.trained_s / epochs if measured.trained_s and epochs else None


def _last(split: Literal["train", "val", "test"], metric: curve_figures.Metric) -> Metric:
    """Return the metric of a split's last accuracy, loss or squared error."""
    source = "the last complete epoch, with dropout on" if split == "train" else "the last weights"

    def value(measured: Measured, _: Question) -> float | None:
        points = measured.test if split == "test" else measured.points(split)
        return _value(curve_figures.last(points, metric))

    better: Literal["higher", "lower"] = "higher" if metric == "accuracy" else "lower"
    return Metric(f"{split}_{metric}", f"{_MEANINGS[metric]} of {source}", value, better)


def _best(split: Split, metric: curve_figures.Metric) -> Metric:
    """Return the metric of a split's best accuracy or loss."""
    is_accuracy = metric == "accuracy"
    return Metric(
        f"{split}_{metric}_best",
        f"{'Greatest' if is_accuracy else 'Least'} of all epochs",
        lambda measured, _: _value(curve_figures.best(measured.points(split), metric)),
        "higher" if is_accuracy else "lower",
    )


_MEANINGS = {
    "accuracy": "Top-1 accuracy",
    "loss": "Mean cross-entropy per image",
    "mse": "Mean squared error of softmax against one-hot label",
}

METRICS: tuple[Metric, ...] = (
    _last("val", "accuracy"),
    _best("val", "accuracy"),
    Metric(
        "val_accuracy_best_epoch",
        "The epoch after which the best validation accuracy was first measured",
        lambda measured, _: _epoch(curve_figures.best(measured.val, "accuracy")),
    ),
    _last("test", "accuracy"),
    _last("train", "accuracy"),
    _best("train", "accuracy"),
    Metric(
        "accuracy_gap",
        "Training minus validation accuracy at the newest epoch with both: how much is memorized",
        lambda measured, _: curve_figures.gap(measured.train_points, measured.val),
    ),
    _last("val", "loss"),
    _best("val", "loss"),
    _last("test", "loss"),
    _last("train", "loss"),
    _best("train", "loss"),
    _last("val", "mse"),
    _last("test", "mse"),
    Metric(
        "test_ece",
        "Expected calibration error of the newest evaluation: how far confidence is from accuracy",
        lambda measured, _: measured.record.ece,
        "lower",
    ),
    Metric(
        "outlier_auroc",
        "AUROC of the energy score between drawn signs and the test set: 1 apart, 0.5 chance",
        lambda measured, _: measured.record.outlier_auroc,
        "higher",
    ),
    Metric(
        "epochs_to_accuracy",
        "The epoch after which the accuracy asked for was first measured",
        lambda measured, question: _epoch(_reached(measured, question)),
        "lower",
    ),
    Metric(
        "seconds_to_accuracy",
        "Time in training until then, pauses and waits left out",
        _seconds_to_reach,
        "lower",
    ),
    Metric(
        "loss_fall_per_epoch",
        "Training loss of the first minus the last complete epoch, by the epochs between",
        lambda measured, _: curve_figures.loss_fall(measured.train_points).per_epoch,
        "higher",
    ),
    Metric(
        "loss_fall_rate",
        "The same as a geometric mean: the share of the loss that an epoch takes away",
        lambda measured, _: curve_figures.loss_fall(measured.train_points).rate,
        "higher",
    ),
    Metric(
        "accuracy_sd",
        "Standard deviation (n − 1) of the last five accuracies, or of 2 to 4: how much it moves",
        lambda measured, question: curve_figures.spread(
            measured.points(question.split), "accuracy"
        ),
        "lower",
    ),
    Metric(
        "loss_sd",
        "The same of the last five losses",
        lambda measured, question: curve_figures.spread(measured.points(question.split), "loss"),
        "lower",
    ),
    Metric(
        "images_per_s",
        "Batches/s times the batch size",
        lambda measured, _: _images_per_s(measured),
        "higher", needs_same_data=False,
    ),
    Metric(
        "batches_per_s",
        "Median between neighbouring rows of training: validation and pauses do not count",
        lambda measured, _: measured.batches_per_s,
        "higher", needs_same_data=False,
    ),
    Metric(
        "seconds_per_epoch",
        "Time trained by the epochs done, validation included",
        lambda measured, _: _seconds_per_epoch(measured),
        "lower",
    ),
    Metric(
        "epochs_done", "Passes over the training images",
        lambda measured, _: figures.epochs_done(measured.record),
        needs_same_data=False,
    ),
    Metric(
        "trained_s",
        "Time in training until the newest measurement, pauses and waits left out",
        lambda measured, _: measured.trained_s,
        "", needs_same_data=False,
    ),
    Metric(
        "peak_memory_bytes",
        "The most memory that training held: of the GPU, or of the process on a CPU",
        lambda measured, _: measured.record.progress.peak_memory_bytes,
        "lower", needs_same_data=False,
    ),
    Metric(
        "num_parameters", "Trainable weights of the network",
        lambda measured, _: measured.record.num_parameters,
        "lower", needs_same_data=False,
    ),
    Metric(
        "checkpoint_bytes",
        "The newest checkpoint: weights and the optimiser's state",
        lambda measured, _: measured.checkpoint_bytes,
        "lower", needs_same_data=False,
    ),
)  # fmt: skip
"""Every row, in order of display."""
