"""What a report says of a study: our figures beside the published ones, and its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.tui.reports.report_document import Prose, Section, Table
from mnist_tui.tui.reports.study_report import NOT_MEASURED, VERDICTS, progress, value_text
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.training.studies.study_columns import Kind
    from mnist_tui.training.studies.study_table import StudyTable, TableRow
    from mnist_tui.tui.reports.report_document import Block

MAX_TEXT = 1_000


def study_section(table: StudyTable) -> Section:
    """Return the part about a study as a whole."""
    return Section("Study", tuple(_blocks(table)), anchor="study")


def _blocks(table: StudyTable) -> Iterator[Block]:
    study = table.study
    sentences = [f"{study.title}.", f"{study.source}." if study.source else "", progress(table)]
    if study.changes:
        told = ", ".join(f"{field}={value}" for field, value in study.changes.items())
        sentences.append(f"Set for every row: {told}; what was published was measured without.")
    yield _prose(sentences)
    yield _rows(table)
    if table.findings:
        rows = tuple(
            (printable(finding.sentence, MAX_TEXT), VERDICTS[finding.holds])
            for finding in table.findings
        )
        yield Table("Published findings", ("finding", "by our means"), rows, is_text=True)
    left_out = [
        f"{row.label}: {NOT_MEASURED}. {row.left_out}" for row in table.rows if row.left_out
    ]
    if left_out or study.remarks:
        yield _prose([*left_out, *study.remarks])


def _prose(sentences: list[str]) -> Prose:
    return Prose(tuple(printable(sentence, MAX_TEXT) for sentence in sentences if sentence))


def _rows(table: StudyTable) -> Table:
    """Return a row for each of the study's; the mean, and what else there is, a column each."""
    titles, columns = ["row", "finished"], [[_done(row) for row in table.rows]]
    for name in table.study.columns:
        if name not in COLUMNS:
            continue
        parts = [_parts(COLUMNS[name].kind, row, name) for row in table.rows]
        for title, cells in zip(
            (COLUMNS[name].title, "± sd", "published"), zip(*parts, strict=True), strict=True
        ):
            if any(cells):
                titles.append(title)
                columns.append(list(cells))
    labels = [printable(row.label) for row in table.rows]
    caption = "Mean over the finished sessions of each row"
    return Table(caption, tuple(titles), tuple(zip(labels, *columns, strict=True)))


def _done(row: TableRow) -> str:
    return f"{sum(outcome.is_finished for outcome in row.outcomes)}/{len(row.outcomes)}"


def _parts(kind: Kind, row: TableRow, name: str) -> tuple[str, str, str]:
    """Return mean, deviation and what was published; empty for what there is not."""
    figure = row.figures[name]
    absent = NOT_MEASURED if row.left_out else formatting.ABSENT
    return (
        absent if figure.mean is None else value_text(kind, figure.mean),
        "" if figure.sd is None else f"± {value_text(kind, figure.sd)}",
        "" if figure.published is None else value_text(kind, figure.published),
    )
