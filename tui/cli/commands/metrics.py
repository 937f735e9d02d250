"""`metrics`: every measurement of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.storage import folders
from mnist_tui.storage.metrics.metric_log import read_metrics
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.table_formats import as_csv
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text.figures import Column, columns
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext

METRIC_COLUMNS = (
    *columns("step", "epoch"),
    Column("split"),
    *columns("loss", "accuracy", "mse", "learning_rate"),
    Column("time"),
)


@click.command()
@click.argument("word", metavar="ID")
@click.option("--json", "is_json", is_flag=True, help="As a JSON list")
@click.option("--csv", "is_csv", is_flag=True, help="As comma-separated values with a header")
@click.pass_obj
def metrics(setup: CliContext, word: str, is_json: bool, is_csv: bool) -> None:
    """Print every measurement of a session."""
    record = select_one(setup.read_records()[0], word, setup.home)
    rows = read_metrics(setup.home.session(record.id) / folders.METRICS)
    values = [tuple(getattr(row, column.name) for column in METRIC_COLUMNS) for row in rows]
    table = Table("metrics", METRIC_COLUMNS, values)
    if is_json:
        json_output.write_rows(table.dicts())
    elif is_csv:
        click.echo(as_csv(table), nl=False)
    elif rows:
        write(table_text(table))
    else:
        say(f"#{record.id} {record.name} has measured nothing yet.")
