"""Columns and texts of sessions that comparisons, studies and reports have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets import dataset_folder
from mnist_tui.training.analysis.parameter_differences import show, value_of
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.text.figures import Column, Kind
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.tui.text.figures import Value

MAX_VALUE = 200
EVALUATED = ("test_s", "weights_bytes", "ece")
"""Figures of the newest evaluation, by the names of its fields."""


def session_title(record: SessionRecord) -> str:
    """Return ID and name."""
    return f"#{record.id} {printable(record.name, MAX_VALUE)}"


def parameter_value(record: SessionRecord, name: str) -> Value:
    """Return a parameter's raw value; several numbers are text, such as 32-64."""
    value = value_of(record, name)
    return show(name, value) if isinstance(value, tuple) else value


def parameter_column(name: str) -> Column:
    """Return the column of a parameter; `none` stands for one that does not apply."""
    unit = FIELDS[name].unit if name in FIELDS else ""
    return Column(name, Kind(lambda value: _parameter_text(name, value), unit, absent="none"))


def _parameter_text(name: str, value: Value) -> str:
    return printable(value if isinstance(value, str) else show(name, value), MAX_VALUE)


def class_names(record: SessionRecord, evaluation: Evaluation) -> tuple[str, ...]:
    """Return the classes' names, sanitized; their numbers if the dataset is absent."""
    size = len(evaluation.confusion)
    return tuple(
        map(printable, dataset_folder.class_names(Path(record.data_dir), evaluation.dataset, size))
    )
