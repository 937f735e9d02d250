"""A comparison of sessions as rows for a screen, a table for files, and JSON types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from mnist_tui.training.analysis.parameter_differences import show, value_of
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mnist_tui.training.analysis.comparison import Comparison, Member
    from mnist_tui.training.analysis.comparison_metrics import Kind, Metric
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table

BEST_MARK, OTHER_MARK = "*", "≠"
NO_DIFFERENCE = "="
MANY_TIMES = 10.0
"""The ratio from which a difference is written as a multiple, such as ×12."""


@dataclass(frozen=True)
class Cell:
    """A session's value in one row."""

    text: str
    difference: str = ""
    """The difference to the baseline, with its sign."""
    mark: str = ""
    """`*` for the best of the row, `≠` for a parameter that differs from the baseline's."""

    @property
    def is_best(self) -> bool:
        """True if no other session is better."""
        return self.mark == BEST_MARK


@dataclass(frozen=True)
class Row:
    """One parameter or metric, a cell for each session."""

    label: str
    cells: tuple[Cell, ...]
    meaning: str
    is_parameter: bool = False


def rows_of(comparison: Comparison) -> list[Row]:
    """Return parameters that differ, then metrics that any session has, with differences."""
    return [*_parameter_rows(comparison), *_metric_rows(comparison)]


def table_of(comparison: Comparison) -> Table:
    """Return the rows with raw values: accuracies 0..1, seconds, bytes."""
    columns = ["measure"]
    for member in comparison.members:
        columns.append(f"#{member.record.id} {member.record.name}")
        if member is not comparison.baseline:
            columns.append(f"difference #{member.record.id}")
    rows = [*_parameter_values(comparison), *_metric_values(comparison)]
    return raw_table(f"Comparison with #{comparison.baseline.record.id}", tuple(columns), rows)


def as_plain(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON types."""
    return {
        "baseline": comparison.baseline.record.id,
        "differing": list(comparison.parameters),
        "accuracy": comparison.question.accuracy,
        "split": comparison.question.split,
        "notes": notes(comparison),
        "sessions": [_plain_member(comparison, member) for member in comparison.members],
    }


def _plain_member(comparison: Comparison, member: Member) -> dict[str, Any]:
    return {
        "id": member.record.id,
        "name": member.record.name,
        "state": member.record.state.value,
        "is_comparable": member.has_same_data,
        "differs_in": list(member.differing),
        "parameters": {name: value_of(member.record, name) for name in comparison.parameters},
        "metrics": dict(member.values),
        "differences": {metric.name: comparison.difference(metric, member) for metric in METRICS},
        "sentence": sentence(comparison, member),
    }


def label_of(metric: Metric, comparison: Comparison) -> str:
    """Return the row's label; convergence names the accuracy."""
    accuracy = comparison.question.accuracy
    if accuracy is None or not metric.name.endswith("_to_accuracy"):
        return metric.label
    return metric.label.replace("accuracy", f"{100 * accuracy:.4g} %")


def accuracy_text(comparison: Comparison) -> str:
    """Return the accuracy to converge to, in words."""
    accuracy = comparison.question.accuracy
    if accuracy is None:
        return "no accuracy to reach yet"
    return f"accuracy to reach {100 * accuracy:.4g} %"


def value_text(kind: Kind, value: float | None) -> str:
    """Return a value in at most ten characters."""
    return formatting.ABSENT if value is None else _VALUES[kind](value)


def difference_text(kind: Kind, difference: float | None, base: float | None) -> str:
    """Return a difference with its sign, in at most seven characters; empty for none.

    Accuracies in points, rates, sizes and counts in per cent of the baseline.
    """
    if difference is None or base is None:
        return ""
    if kind in ("rate", "bytes", "count"):
        return _relative(difference, base)
    text = _DIFFERENCES[kind](abs(difference))
    if not any(digit in text for digit in "123456789"):
        return NO_DIFFERENCE
    return f"{'+' if difference > 0 else '-'}{text}"


def _parameter_rows(comparison: Comparison) -> Iterator[Row]:
    for name in comparison.parameters:
        base = value_of(comparison.baseline.record, name)
        cells = []
        for member in comparison.members:
            value = value_of(member.record, name)
            mark = "" if value == base else OTHER_MARK
            cells.append(Cell(printable(show(name, value), 40), mark=mark))
        yield Row(name.replace("_", " "), tuple(cells), _meaning(name), is_parameter=True)


def _meaning(name: str) -> str:
    return FIELDS[name].help if name in FIELDS else ""


def _metric_rows(comparison: Comparison) -> Iterator[Row]:
    for metric in _measured_metrics(comparison):
        best = comparison.best(metric)
        cells = tuple(_cell(comparison, metric, member, best) for member in comparison.members)
        yield Row(label_of(metric, comparison), cells, metric.meaning)


def _cell(comparison: Comparison, metric: Metric, member: Member, best: frozenset[int]) -> Cell:
    base = comparison.baseline.values[metric.name]
    return Cell(
        value_text(metric.kind, member.values[metric.name]),
        difference_text(metric.kind, comparison.difference(metric, member), base),
        BEST_MARK if member.record.id in best else "",
    )


def _measured_metrics(comparison: Comparison) -> Iterator[Metric]:
    for metric in METRICS:
        if any(member.values[metric.name] is not None for member in comparison.members):
            yield metric


def _parameter_values(comparison: Comparison) -> Iterator[tuple[Value, ...]]:
    for name in comparison.parameters:
        row: list[Value] = [name]
        for member in comparison.members:
            value = value_of(member.record, name)
            row.append(show(name, value) if isinstance(value, tuple) else value)
            if member is not comparison.baseline:
                row.append(None)
        yield tuple(row)


def _metric_values(comparison: Comparison) -> Iterator[tuple[Value, ...]]:
    for metric in METRICS:
        row: list[Value] = [metric.name]
        for member in comparison.members:
            row.append(member.values[metric.name])
            if member is not comparison.baseline:
                row.append(comparison.difference(metric, member))
        yield tuple(row)


def _loss(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 10 else formatting.loss(value)


def _loss_difference(value: float) -> str:
    return f"{value:.4f}" if value < 10 else f"{value:.3g}"


def _points(value: float) -> str:
    # Adding 0.0 turns the -0.00 of small negative numbers into 0.00.
    return f"{round(100 * value, 2) + 0.0:.2f}"


def _epochs(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _seconds(value: float) -> str:
    if value >= 60:
        return formatting.duration(value)
    return f"{value:.1f}s" if value >= 10 else f"{value:.2f}s"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _relative(difference: float, base: float) -> str:
    if not base:
        return ""
    ratio = 1 + difference / base
    if ratio >= MANY_TIMES:
        return f"×{ratio:.0f}"
    text = f"{ratio - 1:+.0%}"
    return NO_DIFFERENCE if text in ("+0%", "-0%") else text


_VALUES: dict[Kind, Callable[[float], str]] = {
    "fraction": formatting.percent,
    "share": _points,
    "loss": _loss,
    "small": lambda value: f"{value:.5f}",
    "epochs": _epochs,
    "seconds": _seconds,
    "rate": _rate,
    "bytes": lambda value: formatting.num_bytes(int(value)),
    "count": lambda value: f"{value:,.0f}",
}
_DIFFERENCES: dict[Kind, Callable[[float], str]] = {
    "fraction": _points,
    "share": _points,
    "loss": _loss_difference,
    "small": lambda value: f"{value:.4f}",
    "epochs": _epochs,
    "seconds": _seconds,
}
