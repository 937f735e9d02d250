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
from mnist_tui.tui.text.figures import columns
from mnist_tui.tui.text.table import Cell, Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.text.figures import Value

COLUMNS = columns(
    "id", "name", "state", "model", "dataset", "epochs", "train_loss", "train_accuracy",
    "val_accuracy", "test_accuracy", "images_per_s", "eta_s", "device", "cause",
)  # fmt: skip
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
        say(f"{what} in {setup.home.path}; `mnist-tui new --help` explains how to make one.")
        return
    width = output_width()
    has_color = wants_color() and width is not None
    write(table_text(_table(shown, queue_places(records)), width, _paint if has_color else None))
    if not is_live and any(_should_move(record) for record in shown):
        say("No supervisor runs, so nothing trains; `mnist-tui supervisor start` goes on.")


def _should_move(record: SessionRecord) -> bool:
    waits = record.state is SessionState.QUEUED and not record.is_held
    return waits or record.state in ACTIVE


def _paint(text: str, tone: str) -> str:
    color = COLORS.get(tone)
    return click.style(text, fg=color) if color else text


def _table(records: Sequence[SessionRecord], places: Mapping[int, int]) -> Table:
    return Table("sessions", COLUMNS, [_row(record, places.get(record.id)) for record in records])


def _row(record: SessionRecord, place: int | None) -> tuple[Value | Cell, ...]:
    figures = record.progress
    look = formatting.state_look(record)
    is_running = record.state is SessionState.RUNNING
    return (
        record.id,
        record.name,
        Cell(f"{look.glyph} {look.word}", role=look.tone),
        record.parameters["model"],
        record.parameters["dataset"],
        formatting.epochs(record),
        figures.train_loss,
        figures.train_accuracy,
        figures.val_accuracy,
        figures.test_accuracy,
        figures.images_per_s if is_running else None,
        figures.eta_s if is_running else None,
        record.device,
        waiting_for(record, place) or "",
    )
