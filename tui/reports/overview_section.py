"""What a report says of several sessions together: results, curves over each other, comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.analysis.comparison import compare
from mnist_tui.training.analysis.comparison_limits import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from mnist_tui.training.analysis.parameter_differences import value_of
from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.comparison_report import rows_of
from mnist_tui.tui.reports.report_curves import MAX_OVERLAY
from mnist_tui.tui.reports.report_document import Prose, Section, Table
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mnist_tui.training.analysis.comparison import Comparison
    from mnist_tui.training.analysis.comparison_metrics import Kind
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.tui.reports.report_curves import ReportCharts
    from mnist_tui.tui.reports.report_document import Figure

COLUMNS: tuple[tuple[str, str, Kind], ...] = (
    ("train_accuracy", "train %", "fraction"),
    ("val_accuracy", "validation %", "fraction"),
    ("val_accuracy_best", "best validation %", "fraction"),
    ("test_accuracy", "test %", "fraction"),
    ("test_loss", "test loss", "loss"),
    ("trained_s", "training time", "seconds"),
    ("num_parameters", "weights", "count"),
)
"""The metrics that stand in the table of results, what they are called and how written."""


def overview_sections(
    reports: Sequence[SessionReport],
    values: Sequence[Mapping[str, float | None]],
    differing: Sequence[str],
    figures: ReportCharts,
) -> Iterator[Section]:
    """Yield the parts about several sessions together.

    Args:
        reports: Two or more.
        values: The figures of each, by the names of `training.analysis.comparison_metrics.METRICS`.
        differing: The parameters of which there are several values.
        figures: Draws the charts.

    Raises:
        StorageError: A session's files cannot be read.
    """
    yield Section("Results", (_results(reports, values, differing),), anchor="results")
    yield Section("Curves over each other", _overlay(reports, figures), anchor="curves")
    if MIN_SESSIONS <= len(reports) <= MAX_SESSIONS:
        comparison = compare([report.measured for report in reports])
        blocks = (_sentences(comparison), _comparison(comparison))
        yield Section("Comparison", blocks, anchor="comparison")


def _results(
    reports: Sequence[SessionReport],
    values: Sequence[Mapping[str, float | None]],
    differing: Sequence[str],
) -> Table:
    rows = []
    for report, figures in zip(reports, values, strict=True):
        evaluation = report.evaluation
        told = (
            (formatting.ABSENT,) * 3
            if evaluation is None
            else (
                report_values.value("seconds", evaluation.test_s),
                formatting.num_bytes(evaluation.weights_bytes),
                report_values.value("share", evaluation.ece),
            )
        )
        rows.append(
            (
                report_values.name_of(report.record),
                formatting.state_look(report.record).word,
                *(report_values.value(kind, figures[name]) for name, _, kind in COLUMNS),
                *told,
                *(report_values.bare(name, value_of(report.record, name)) for name in differing),
            )
        )
    columns = (
        "session",
        "state",
        *(title for _, title, _ in COLUMNS),
        "test time",
        "model file",
        "ECE %",
        *map(report_values.title_of, differing),
    )
    return Table("Scores, times, sizes, and the parameters that differ", columns, tuple(rows))


def _overlay(reports: Sequence[SessionReport], figures: ReportCharts) -> tuple[Prose | Figure, ...]:
    if len(reports) > MAX_OVERLAY:
        sentence = f"More than {MAX_OVERLAY} curves cannot be told apart; each session has its own."
        return (Prose((sentence,)),)
    drawn = figures.overlay([report.record for report in reports])
    return tuple(drawn) or (Prose(("Nothing is measured yet.",)),)


def _sentences(comparison: Comparison) -> Prose:
    told = [
        sentence(comparison, member)
        for member in comparison.members
        if member is not comparison.baseline
    ]
    return Prose(tuple(printable(line, 2_000) for line in (*told, *notes(comparison))))


def _comparison(comparison: Comparison) -> Table:
    base = comparison.baseline.record.id
    columns = ["measure"]
    for member in comparison.members:
        columns.append(report_values.name_of(member.record))
        if member is not comparison.baseline:
            columns.append(f"to #{base}")
    rows = []
    for row in rows_of(comparison):
        cells = [f"· {row.label.strip()}" if row.label.startswith(" ") else row.label]
        for member, cell in zip(comparison.members, row.cells, strict=True):
            cells.append(f"{cell.mark} {cell.text}".strip())
            if member is not comparison.baseline:
                cells.append(cell.difference)
        rows.append(tuple(cells))
    caption = f"Each measure with its difference to #{base}; * the best, ≠ another parameter"
    return Table(caption, tuple(columns), tuple(rows))
