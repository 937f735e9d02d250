"""A comparison of sessions as a table for every writer, and as JSON types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from mnist_tui.training.analysis.parameter_differences import value_of
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.reports.report_columns import parameter_column, parameter_value, session_title
from mnist_tui.tui.text.abbreviations import abbreviate
from mnist_tui.tui.text.figures import FIGURES, PLAIN, Column, Kind
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Cell, Table
from mnist_tui.tui.text.table import value_of as raw_value

if TYPE_CHECKING:
    from mnist_tui.training.analysis.comparison import Comparison, Member
    from mnist_tui.training.analysis.comparison_metrics import Metric

BEST, PARAMETER = "best", "parameter"
"""Roles of the best value of a row, and of the names of parameters."""
BEST_MARK, OTHER_MARK = "*", "≠"
"""Marks of the best value of a row, and of parameters that differ from the baseline's."""
MAX_NAME = 16
"""Width of a session's name in the headings of a terminal."""
MAX_SENTENCE = 2_000


def comparison_table(comparison: Comparison) -> Table:
    """Return the parameters that differ, then all metrics, with differences to the baseline.

    A session has a column of values and, joined to it, one of differences; the baseline has the
    former alone.
    """
    baseline = comparison.baseline
    records = [member.record for member in comparison.members]
    names = abbreviate([printable(record.name) for record in records], MAX_NAME)
    columns = [Column("measure", Kind(partial(measure_label, comparison), is_right=False), "")]
    for record in records:
        heading = f"#{record.id} {names[printable(record.name)]}"
        label = session_title(record)
        columns.append(Column(f"#{record.id} {record.name}", PLAIN, heading, label))
        if record is not baseline.record:
            label = f"to #{baseline.record.id}"
            columns.append(Column(f"difference #{record.id}", PLAIN, "", label, is_joined=True))
    return Table(
        f"Comparison with #{baseline.record.id}",
        tuple(columns),
        [
            *(_parameter_row(comparison, name) for name in comparison.parameters),
            *(_metric_row(comparison, metric) for metric in METRICS),
        ],
    )


def measured_rows(table: Table) -> Table:
    """Return a comparison without the metrics that no session has."""
    rows = [row for row in table.rows if any(raw_value(cell) is not None for cell in row[1:])]
    return table._replace(rows=rows)


def measure_label(comparison: Comparison, name: str) -> str:
    """Return the label of a row; convergence names the accuracy, best values follow the last."""
    if name in comparison.parameters:
        return name.replace("_", " ")
    if name.endswith("_best"):
        return "· best"
    if name.endswith("_best_epoch"):
        return "· best at epoch"
    accuracy, title = comparison.question.accuracy, FIGURES[name].title
    if accuracy is None or not name.endswith("_to_accuracy"):
        return title
    return title.replace("accuracy", f"{100 * accuracy:.4g} %")


def measure_meanings(comparison: Comparison) -> dict[str, str]:
    """Return the meaning of each row, by its name."""
    parameters = {name: FIELDS[name].help for name in comparison.parameters if name in FIELDS}
    return parameters | {metric.name: metric.meaning for metric in METRICS}


def target_text(comparison: Comparison) -> str:
    """Return a phrase that names the accuracy to converge to."""
    accuracy = comparison.question.accuracy
    if accuracy is None:
        return "no accuracy to reach yet"
    return f"accuracy to reach {100 * accuracy:.4g} %"


def comparison_sentences(comparison: Comparison) -> list[str]:
    """Return the effect of each session's parameters, then notes about all of them."""
    others = [member for member in comparison.members if member is not comparison.baseline]
    lines = [*(sentence(comparison, member) for member in others), *notes(comparison)]
    return [printable(line, MAX_SENTENCE) for line in lines]


def comparison_object(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON types."""
    return {
        "baseline": comparison.baseline.record.id,
        "differing": list(comparison.parameters),
        "accuracy": comparison.question.accuracy,
        "split": comparison.question.split,
        "notes": notes(comparison),
        "sessions": [_session_object(comparison, member) for member in comparison.members],
    }


def _session_object(comparison: Comparison, member: Member) -> dict[str, Any]:
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


def _parameter_row(comparison: Comparison, name: str) -> tuple[Cell, ...]:
    kind, base = parameter_column(name).kind, parameter_value(comparison.baseline.record, name)
    cells = [Cell(name, role=PARAMETER)]
    for member in comparison.members:
        value = parameter_value(member.record, name)
        cells.append(Cell(value, kind, mark="" if value == base else OTHER_MARK))
        if member is not comparison.baseline:
            cells.append(Cell(None, Kind(str, absent="")))
    return tuple(cells)


def _metric_row(comparison: Comparison, metric: Metric) -> tuple[Cell, ...]:
    kind, best = FIGURES[metric.name].kind, comparison.best(metric)
    base = comparison.baseline.values[metric.name]
    difference_kind = Kind(lambda difference: kind.difference_text(difference, base), absent="")
    cells = [Cell(metric.name)]
    for member in comparison.members:
        value, is_best = member.values[metric.name], member.record.id in best
        cells.append(Cell(value, kind, *((BEST, BEST_MARK) if is_best else ())))
        if member is not comparison.baseline:
            cells.append(Cell(comparison.difference(metric, member), difference_kind))
    return tuple(cells)
