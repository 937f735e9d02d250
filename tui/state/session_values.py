"""Values of a session by name: for sorting, filters and columns.

One table; `figure:` names below are those of the columns, parameters go by their own names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.parameters.aliases import field_alias
from mnist_tui.training.sessions import progress as figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord

Value = float | str | None

HELD = "held"
"""The state shown for a queued session that waits for release."""


def state_word(record: SessionRecord) -> str:
    """Return the state as users name it: a held session is `held`."""
    return HELD if record.is_held else record.state.value


def _while_running(value: float | None, record: SessionRecord) -> float | None:
    return value if record.state is SessionState.RUNNING else None


FIGURES: dict[str, Callable[[SessionRecord], Value]] = {
    "id": lambda record: record.id,
    "name": lambda record: record.name,
    "state": state_word,
    "epoch": figures.epochs_done,
    "step": lambda record: record.progress.position.step,
    "progress": figures.progress,
    "loss": lambda record: record.progress.train_loss,
    "acc": lambda record: record.progress.train_accuracy,
    "val": lambda record: record.progress.val_accuracy,
    "val_loss": lambda record: record.progress.val_loss,
    "best": lambda record: record.progress.best_val_accuracy,
    "test": lambda record: record.progress.test_accuracy,
    "test_loss": lambda record: record.progress.test_loss,
    "ece": lambda record: record.ece,
    "auroc": lambda record: record.outlier_auroc,
    "rate": lambda record: _while_running(record.progress.images_per_s, record),
    "eta": lambda record: _while_running(record.progress.eta_s, record),
    "weights": lambda record: record.num_parameters,
    "device": lambda record: record.device,
    "tag": lambda record: " ".join(record.tags) or None,
    "note": lambda record: record.note or None,
    "study": lambda record: record.study.run if record.study else None,
    "created": lambda record: record.created_at,
    "started": lambda record: record.started_at,
}
"""Functions that return each value, or None if there is none."""

ACCURACIES = frozenset({"acc", "val", "best", "test", "ece"})
"""Fractions that users may also give in per cent."""


def reader_of(name: str) -> Callable[[SessionRecord], Value] | None:
    """Return a function that reads the figure or parameter `name`, or None if there is none.

    Figures come first: `val` is the validation accuracy, `validation` the parameter.
    """
    plain = name.strip().lower().replace("-", "_")
    if plain in FIGURES:
        return FIGURES[plain]
    parameter = field_alias(plain)
    return None if parameter is None else lambda record: _parameter(record, parameter)


def _parameter(record: SessionRecord, name: str) -> Value:
    value = record.parameters.get(name)
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    return value
