"""How the values of a report are written: as the tables of the terminal write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets import dataset_folder
from mnist_tui.training.analysis.parameter_differences import show
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.reports.comparison_report import value_text
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.training.analysis.comparison_metrics import Kind

MAX_VALUE = 200


def value(kind: Kind, number: float | None, unit: str = "") -> str:
    """Return a number as it is written in comparisons, with its unit where there is a number."""
    return value_text(kind, number) + (f" {unit}" if unit and number is not None else "")


def name_of(record: SessionRecord) -> str:
    """Return ID and name."""
    return f"#{record.id} {printable(record.name, MAX_VALUE)}"


def state_of(record: SessionRecord) -> str:
    """Return glyph, word and cause of a session's state."""
    look = formatting.state_look(record)
    cause = f": {printable(record.cause, 1_000)}" if record.cause else ""
    return f"{look.glyph} {look.word}{cause}"


def parameter(name: str, given: Any) -> str:
    """Return a parameter's value with its unit."""
    unit = FIELDS[name].unit if name in FIELDS and given is not None else ""
    return f"{bare(name, given)} {unit}".rstrip()


def bare(name: str, given: Any) -> str:
    """Return a parameter's value alone, for a column whose title has the unit."""
    return printable(show(name, given), MAX_VALUE)


def title_of(name: str) -> str:
    """Return a parameter's name and unit, as the title of a column."""
    unit = f" ({FIELDS[name].unit})" if name in FIELDS and FIELDS[name].unit else ""
    return printable(name.replace("_", " ") + unit)


def class_names(record: SessionRecord, evaluation: Evaluation) -> tuple[str, ...]:
    """Return what the classes stand for, made inert; their numbers where the dataset is gone."""
    size = len(evaluation.confusion)
    return tuple(
        map(printable, dataset_folder.class_names(Path(record.data_dir), evaluation.dataset, size))
    )
