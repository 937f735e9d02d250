"""`models`: the networks there are, how large they are and what shapes them."""

from __future__ import annotations

import textwrap

import click

from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.parameter_table import options_text
from mnist_tui.tui.terminal.output import output_width, say, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.abbreviations import display_width
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import GAP

COLUMNS = (
    TextColumn("MODEL"),
    TextColumn("WEIGHTS", is_right=True),
    TextColumn("OPTIONS"),
    TextColumn("SOURCE"),
)
NARROWEST_TEXT = 30


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
        [
            model.name,
            f"{model.num_parameters:,}",
            options_text(model) or formatting.ABSENT,
            model.source,
        ]
        for model in MODELS.values()
    ]
    write(_fitted(rows, output_width()))
    say("`mnist-tui new --model package.module:build` trains a network of your own.")


def _fitted(rows: list[list[str]], width: int | None) -> list[str]:
    """Return the table; on a terminal that it is too wide for, the sources go below the options."""
    lines = render(COLUMNS, rows)
    if width is None or max(map(display_width, lines)) <= width:
        return lines
    title, *starts = render(COLUMNS[:2], [row[:2] for row in rows])
    indent = len(title) + len(GAP)
    room = max(NARROWEST_TEXT, width - indent)
    lines = [f"{title}{GAP}OPTIONS, SOURCE"]
    for start, (_name, _weights, *texts) in zip(starts, rows, strict=True):
        first, *rest = [line for text in texts for line in textwrap.wrap(text, room)]
        lines += [f"{start}{GAP}{first}", *(f"{' ' * indent}{line}" for line in rest)]
    return lines
