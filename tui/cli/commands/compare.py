"""`compare`: sessions side by side, with their parameters, results and differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.analysis.comparison import compare_sessions
from mnist_tui.training.analysis.parameter_differences import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.training.analysis.stored_results import StoredResults
from mnist_tui.tui.cli.selection import select, select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.comparison_report import (
    comparison_object,
    comparison_sentences,
    comparison_table,
    measured_rows,
)
from mnist_tui.tui.reports.table_formats import as_csv, as_markdown
from mnist_tui.tui.terminal.output import output_width, write
from mnist_tui.tui.text.figures import TEXT, Kind
from mnist_tui.tui.text.formatting import count_of, state_look
from mnist_tui.tui.text.table import Cell
from mnist_tui.tui.text.text_writer import split_text

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison import Comparison
    from mnist_tui.tui.cli.context import CliContext


@click.command("compare")
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--baseline",
    "baseline",
    metavar="ID",
    help="The session that the others are compared with; by default the first",
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
def compare(
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
    comparison = compare_sessions(
        [StoredResults(setup.home, record.id).read(record) for record in chosen],
        baseline_id=base.id if base else None,
        accuracy=accuracy,
    )
    match form:
        case "json":
            json_output.write_object(comparison_object(comparison))
        case "csv":
            click.echo(as_csv(comparison_table(comparison)), nl=False)
        case "md":
            click.echo(as_markdown([comparison_table(comparison)]), nl=False)
        case _:
            write(_page(comparison, output_width()))


def _require_number(chosen: list[SessionRecord]) -> None:
    if MIN_SESSIONS <= len(chosen) <= MAX_SESSIONS:
        return
    ids = ", ".join(f"#{record.id}" for record in chosen[:MAX_SESSIONS])
    listed = f" ({ids}{', …' if len(chosen) > MAX_SESSIONS else ''})" if chosen else ""
    raise click.ClickException(
        f"{count_of(len(chosen), 'session')} cannot be compared{listed};"
        f" give {MIN_SESSIONS} to {MAX_SESSIONS} different ones."
    )


def _page(comparison: Comparison, width: int | None) -> list[str]:
    table = measured_rows(comparison_table(comparison))
    states = [Cell("state", Kind(lambda _: "", is_right=False))]
    for member in comparison.members:
        state = state_look(member.record).word
        is_baseline = member is comparison.baseline
        states.append(Cell(f"{state}, baseline" if is_baseline else state, TEXT))
        if not is_baseline:
            states.append(Cell("", TEXT))
    table = table._replace(rows=[tuple(states), *table.rows])
    return [*split_text(table, width), *comparison_sentences(comparison)]
