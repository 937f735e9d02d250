"""`ls`: all sessions, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.training.sessions.progress import summary_row, waiting_for
from mnist_tui.training.sessions.queue import queue_places
from mnist_tui.tui.cli.selection import filter_records
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import output_width, say, wants_color, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

COLUMNS = (
    TextColumn("ID", is_right=True),
    TextColumn("NAME"),
    TextColumn("STATE"),
    TextColumn("MODEL", min_width=100),
    TextColumn("DATA", min_width=110),
    TextColumn("EPOCH", is_right=True),
    TextColumn("LOSS", is_right=True),
    TextColumn("ACC %", is_right=True),
    TextColumn("VAL %", is_right=True),
    TextColumn("TEST %", is_right=True),
    TextColumn("IMG/S", is_right=True, min_width=120),
    TextColumn("ETA", is_right=True, min_width=80),
    TextColumn("DEVICE", min_width=130),
    TextColumn("WHY", min_width=130),
)
STATE_COLUMN = 2
MAX_NAME = 24
COLORS = {"busy": "cyan", "good": "green", "waiting": "yellow", "quiet": None, "bad": "red"}


@click.command()
@click.argument("filter_text", metavar="[FILTER]", required=False)
@click.option("--json", "is_json", is_flag=True, help="As a JSON list")
@click.pass_obj
def ls(setup: CliContext, filter_text: str | None, is_json: bool) -> None:
    """List sessions, all or those that match FILTER: text in the name, or state:running."""
    records, is_live = setup.read_records()
    shown = filter_records(records, filter_text)
    if is_json:
        json_output.write_rows([summary_row(record) for record in shown])
        return
    if not shown:
        what = f"No session matches {filter_text}" if records else "There is no session"
        say(f"{what} in {setup.home.path}; `mnist-tui new --help` tells how to make one.")
        return
    write(_table(shown, queue_places(records), output_width()))
    if not is_live and any(_should_move(record) for record in shown):
        say("No supervisor runs, so nothing trains; `mnist-tui supervisor start` goes on.")


def _should_move(record: SessionRecord) -> bool:
    waits = record.state is SessionState.QUEUED and not record.is_held
    return waits or record.state in ACTIVE


def _table(
    records: Sequence[SessionRecord], places: Mapping[int, int], width: int | None
) -> list[str]:
    tones = [formatting.state_look(record).tone for record in records]

    def paint(row: int, column: int, text: str) -> str:
        color = COLORS[tones[row]] if column == STATE_COLUMN else None
        return click.style(text, fg=color) if color and has_color else text

    has_color = wants_color() and width is not None
    rows = [_cells(record, places.get(record.id), width) for record in records]
    return render(COLUMNS, rows, width, paint)


def _cells(record: SessionRecord, place: int | None, width: int | None) -> list[str]:
    figures = record.progress
    look = formatting.state_look(record)
    is_running = record.state is SessionState.RUNNING
    return [
        str(record.id),
        printable(record.name, MAX_NAME if width is not None else 64),
        f"{look.glyph} {look.word}",
        printable(record.parameters["model"]),
        printable(record.parameters["dataset"]),
        formatting.epochs(record),
        formatting.loss(figures.train_loss),
        formatting.percent(figures.train_accuracy),
        formatting.percent(figures.val_accuracy),
        formatting.percent(figures.test_accuracy),
        formatting.rate(figures.images_per_s if is_running else None),
        formatting.duration(figures.eta_s if is_running else None),
        printable(record.device or formatting.ABSENT),
        printable(waiting_for(record, place) or "", 200 if width is None else max(10, width - 120)),
    ]
