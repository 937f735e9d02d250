"""`compare`: sessions beside each other, what differs between them and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.analysis.comparison import compare
from mnist_tui.training.analysis.comparison_limits import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from mnist_tui.training.analysis.stored_results import StoredResults
from mnist_tui.tui.cli.selection import select, select_one
from mnist_tui.tui.reports import comparison_report, json_output
from mnist_tui.tui.reports.table_formats import as_csv, as_markdown
from mnist_tui.tui.terminal.output import output_width, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.abbreviations import display_width
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import GAP

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison import Comparison
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.reports.comparison_report import Cell, Row

MAX_NAME = 16
MAX_LINE = 2_000
DIFFERENCE_WIDTH = 7


@click.command("compare")
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--baseline",
    "baseline",
    metavar="ID",
    help="What differences are taken to; the first by default",
)
@click.option(
    "--accuracy",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="The validation accuracy to converge to, 0..1; by default 0.98, or what all have reached",
)
@click.option("--json", "form", flag_value="json", help="As a JSON object")
@click.option("--csv", "form", flag_value="csv", help="As comma-separated values")
@click.option("--md", "form", flag_value="md", help="As a Markdown table")
@click.pass_obj
def compare_sessions(
    setup: CliContext,
    words: tuple[str, ...],
    baseline: str | None,
    accuracy: float | None,
    form: str | None,
) -> None:
    """Compare two to ten sessions: IDs, names or filters such as state:finished.

    The parameters that differ come first, then scores, convergence, stability, speed and size,
    each with its difference to the baseline; * is the best of its row.
    """
    records, _ = setup.read_records()
    chosen = select(records, words, setup.home)
    base = select_one(records, baseline, setup.home) if baseline else None
    if base is not None and base not in chosen:
        chosen.insert(0, base)
    _require_number(chosen)
    comparison = compare(
        [StoredResults(setup.home, record.id).read(record) for record in chosen],
        baseline_id=base.id if base else None,
        accuracy=accuracy,
    )
    match form:
        case "json":
            json_output.write_object(comparison_report.as_plain(comparison))
        case "csv":
            click.echo(as_csv(comparison_report.table_of(comparison)), nl=False)
        case "md":
            click.echo(as_markdown([comparison_report.table_of(comparison)]), nl=False)
        case _:
            write(_page(comparison, output_width()))


def _require_number(chosen: list[SessionRecord]) -> None:
    if MIN_SESSIONS <= len(chosen) <= MAX_SESSIONS:
        return
    ids = ", ".join(f"#{record.id}" for record in chosen[:MAX_SESSIONS])
    told = f" ({ids}{', …' if len(chosen) > MAX_SESSIONS else ''})" if chosen else ""
    raise click.ClickException(
        f"{formatting.count_of(len(chosen), 'session')} cannot be compared{told};"
        f" give {MIN_SESSIONS} to {MAX_SESSIONS} different ones."
    )


def _page(comparison: Comparison, width: int | None) -> list[str]:
    prose = [
        *(
            sentence(comparison, member)
            for member in comparison.members
            if member is not comparison.baseline
        ),
        *notes(comparison),
    ]
    return [*_tables(comparison, width), *(printable(line, MAX_LINE) for line in prose)]


def _tables(comparison: Comparison, width: int | None) -> list[str]:
    """Return as many sessions beside each other as fit, the others in tables below."""
    rows = comparison_report.rows_of(comparison)
    labels = ["", *(row.label for row in rows)]
    columns = [_column(comparison, rows, index) for index in range(len(comparison.members))]
    lines: list[str] = []
    while columns:
        count = _that_fit(labels, columns, width)
        shown, columns = columns[:count], columns[count:]
        titles = [TextColumn(""), *(TextColumn(column[0], is_right=True) for column in shown)]
        cells = [list(line) for line in zip(labels, *(column[1:] for column in shown), strict=True)]
        lines += [*render(titles, cells), ""]
    return lines


def _column(comparison: Comparison, rows: list[Row], index: int) -> list[str]:
    """Return what stands under each other for one session: name, state, a cell per row."""
    member = comparison.members[index]
    state = formatting.state_look(member.record).word
    return [
        f"#{member.record.id} {printable(member.record.name, MAX_NAME)}",
        f"{state}, baseline" if member is comparison.baseline else state,
        *(_cell(row.cells[index]) for row in rows),
    ]


def _cell(cell: Cell) -> str:
    return f"{cell.text}{cell.mark or ' '}{cell.difference:>{DIFFERENCE_WIDTH}}"


def _that_fit(labels: list[str], columns: list[list[str]], width: int | None) -> int:
    """Return how many of the columns fit into a terminal beside the labels; one at least."""
    if width is None:
        return len(columns)
    left = width - max(map(display_width, labels))
    for count, column in enumerate(columns):
        left -= len(GAP) + max(map(display_width, column))
        if left < 0:
            return max(1, count)
    return len(columns)
