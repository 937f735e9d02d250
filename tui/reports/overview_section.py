"""Sections of a report about several sessions: results, overlaid curves, comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.analysis.comparison import compare_sessions
from mnist_tui.training.analysis.parameter_differences import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.tui.reports.comparison_report import (
    comparison_sentences,
    comparison_table,
    measured_rows,
)
from mnist_tui.tui.reports.report_columns import (
    EVALUATED,
    parameter_column,
    parameter_value,
    session_title,
)
from mnist_tui.tui.reports.report_curves import MAX_OVERLAY
from mnist_tui.tui.text.figures import Column, columns
from mnist_tui.tui.text.formatting import state_look
from mnist_tui.tui.text.table import Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.tui.reports.report_curves import ReportCharts
    from mnist_tui.tui.reports.report_document import Block

MEASURED = (
    "train_accuracy", "val_accuracy", "val_accuracy_best", "test_accuracy", "test_loss",
    "trained_s", "num_parameters",
)  # fmt: skip
"""Columns of the table of results, by their names in `METRICS`."""


def overview_sections(
    reports: Sequence[SessionReport],
    values: Sequence[Mapping[str, float | None]],
    differing: Sequence[str],
    charts: ReportCharts,
) -> Iterator[Section]:
    """Yield the sections about several sessions together.

    Args:
        reports: Two or more.
        values: The figures of each, by the names of `training.analysis.comparison_metrics.METRICS`.
        differing: The parameters with more than one value.
        charts: Draws the curves.

    Raises:
        StorageError: A session's files cannot be read.
    """
    yield Section("Results", (_results(reports, values, differing),), anchor="results")
    yield Section("Curves over each other", _overlay(reports, charts), anchor="curves")
    if MIN_SESSIONS <= len(reports) <= MAX_SESSIONS:
        comparison = compare_sessions([report.measured for report in reports])
        base = comparison.baseline.record.id
        title = f"Each measure with its difference to #{base}; * the best, ≠ another parameter"
        table = measured_rows(comparison_table(comparison))._replace(title=title)
        blocks = (*comparison_sentences(comparison), table)
        yield Section("Comparison", blocks, anchor="comparison")


def _results(
    reports: Sequence[SessionReport],
    values: Sequence[Mapping[str, float | None]],
    differing: Sequence[str],
) -> Table:
    rows = [
        (
            session_title(report.record),
            state_look(report.record).word,
            *(figures[name] for name in MEASURED),
            *(getattr(report.evaluation, name, None) for name in EVALUATED),
            *(parameter_value(report.record, name) for name in differing),
        )
        for report, figures in zip(reports, values, strict=True)
    ]
    heads = (
        Column("session"), Column("state"), *columns(*MEASURED, *EVALUATED),
        *map(parameter_column, differing),
    )  # fmt: skip
    return Table("Scores, times, sizes, and the parameters that differ", heads, rows)


def _overlay(reports: Sequence[SessionReport], charts: ReportCharts) -> tuple[Block, ...]:
    if len(reports) > MAX_OVERLAY:
        sentence = f"More than {MAX_OVERLAY} curves cannot be told apart; each session has its own."
        return (sentence,)
    figures = charts.overlay([report.record for report in reports])
    return tuple(figures) or ("Nothing is measured yet.",)
