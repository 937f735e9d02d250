"""Estimates before a session starts: bytes of a checkpoint and seconds of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.storage.checkpoints.retention import NUM_KEPT
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.split_sizes import SplitChoice, split_sizes
from mnist_tui.training.sessions.throughput import EVALUATION_SPEEDUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mnist_tui.storage.datasets.dataset_folder import DatasetSizes
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

BYTES_PER_WEIGHT = 4
FIXED_BYTES = 7_000
"""Of a checkpoint without tensors: the random state, mostly."""
BYTES_PER_TENSOR = 245
"""Overhead of one tensor: names, alignment, directory of the archive."""
CHECKPOINTS_AT_ONCE = NUM_KEPT + 2
"""The newest ones, the best, and the one that is being written."""

_MOMENTS = {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 0}
"""Values kept beside each weight, without momentum."""

SPEED_FIELDS = (
    "model", "filters", "kernel_size", "hidden_channels", "dense_units", "dropout", "conv_dropout",
    "pretrained", "augmentation", "optimizer", "batch_size", "threads",
)  # fmt: skip
"""Parameters that the images per second depend on, beside the device."""


class Likeness(NamedTuple):
    """A similar session and its speed."""

    session_id: int
    images_per_s: float


class Duration(NamedTuple):
    """Seconds of work: one epoch with its validation, and all of them with the test."""

    epoch_s: float
    total_s: float


def num_moments(parameters: Hyperparameters) -> int:
    """Return the number of values that the optimizer keeps beside each weight."""
    return _MOMENTS[parameters.optimizer] + bool(parameters.momentum)


def checkpoint_bytes(parameters: Hyperparameters, summary: Mapping[str, Any]) -> int:
    """Return the approximate size of a checkpoint, in bytes.

    Args:
        parameters: Those of the session.
        summary: The layers of its network, as returned by `training.worker.model_summary`.
    """
    moments = num_moments(parameters)
    trained = [layer for layer in summary["layers"] if layer["num_parameters"]]
    normalizing = [layer for layer in trained if layer["kind"].startswith("BatchNorm")]
    num_values: int = summary["num_parameters"] + moments * summary["num_trained"]
    num_values += sum(layer["num_parameters"] for layer in normalizing)  # running statistics
    # Adam and RMSprop count their steps, weight by weight.
    states = moments + (parameters.optimizer != "sgd")
    num_tensors = 2 * len(trained) * (1 + states) + 3 * len(normalizing)
    return BYTES_PER_WEIGHT * num_values + BYTES_PER_TENSOR * num_tensors + FIXED_BYTES


def disk_bytes(checkpoint: int, num_sessions: int) -> int:
    """Return the approximate maximum size of the checkpoints of several sessions, in bytes."""
    return CHECKPOINTS_AT_ONCE * checkpoint * num_sessions


def find_alike(
    records: Iterable[SessionRecord], wanted: Sequence[Hyperparameters]
) -> list[Likeness | None]:
    """Return for each of `wanted` the session that predicts its speed, or None.

    Images per second hardly depend on the dataset, so a session on another one will do if none has
    trained on this one; of several the newest counts.
    """
    newest: dict[tuple[Any, ...], Likeness] = {}
    for record in records:
        if not record.progress.images_per_s:
            continue
        likeness = Likeness(record.id, record.progress.images_per_s)
        parameters = record.parameters
        for device in {parameters.get("device"), record.device}:
            for dataset in (parameters.get("dataset"), None):
                key = (device, dataset, *_speed_key(parameters))
                if key not in newest or newest[key].session_id < likeness.session_id:
                    newest[key] = likeness
    likenesses = []
    for planned in wanted:
        speed_key = _speed_key(to_plain(planned))
        same = newest.get((planned.device, planned.dataset, *speed_key))
        likenesses.append(same or newest.get((planned.device, None, *speed_key)))
    return likenesses


def duration(parameters: Hyperparameters, sizes: DatasetSizes, images_per_s: float) -> Duration:
    """Return the duration of a session that trains `images_per_s` images per second.

    Args:
        parameters: Those of the session, complete.
        sizes: The images of its dataset.
        images_per_s: Of training; evaluation is taken to be three times as fast.
    """
    splits = split_sizes(sizes, SplitChoice.of(to_plain(parameters)))
    evaluating_s = 1 / (EVALUATION_SPEEDUP * images_per_s)
    epoch_s = splits.train / images_per_s + splits.validation * evaluating_s
    return Duration(epoch_s, parameters.epochs * epoch_s + splits.test * evaluating_s)


def _speed_key(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    values = map(parameters.get, SPEED_FIELDS)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
