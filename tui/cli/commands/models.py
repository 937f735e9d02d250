"""`models`: the networks, their sizes and options."""

from __future__ import annotations

import click

from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.parameter_table import options_text
from mnist_tui.tui.terminal.output import output_width, say, write
from mnist_tui.tui.text.abbreviations import display_width
from mnist_tui.tui.text.figures import FIGURES, LONG_TEXT, Column
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

COLUMNS = (
    Column("model"),
    FIGURES["num_parameters"],
    Column("options", LONG_TEXT),
    Column("source", LONG_TEXT),
)


@click.command()
@click.option("--json", "is_json", is_flag=True, help="As JSON rows")
def models(is_json: bool) -> None:
    """Show the networks that can be trained, with their weights and options by default."""
    if is_json:
        json_output.write_rows(
            [
                {
                    "name": model.name,
                    "num_parameters": model.num_parameters,
                    "options": model.options,
                    "source": model.source,
                }
                for model in MODELS.values()
            ]
        )
        return
    rows = [
        (model.name, model.num_parameters, options_text(model) or None, model.source)
        for model in MODELS.values()
    ]
    write(_lines(Table("models", COLUMNS, rows), output_width()))
    say("`mnist-tui new --model package.module:build` trains a network of your own.")


def _lines(table: Table, width: int | None) -> list[str]:
    """Return the table; if it is too wide for the terminal, options and source in one column."""
    lines = table_text(table)
    if width is None or max(map(display_width, lines)) <= width:
        return lines
    both = Column("options, source", LONG_TEXT, is_wrapped=True)
    rows = [
        (model, weights, "; ".join(str(text) for text in texts if text))
        for model, weights, *texts in table.rows
    ]
    return table_text(Table(table.title, (*COLUMNS[:2], both), rows), width)
