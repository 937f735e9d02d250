"""`logs`: the output of a session's worker."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from mnist_tui.storage import folders
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.requests import Get
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from typing import BinaryIO

    from mnist_tui.tui.cli.context import CliContext

MAX_LINE = 2_000
FOLLOW_INTERVAL_S = 0.25


@click.command()
@click.argument("word", metavar="ID")
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on until the session ends")
@click.option(
    "-n", "--lines", "count", type=click.IntRange(0), default=100, show_default=True,
    help="Only the last lines",
)  # fmt: skip
@click.pass_obj
def logs(setup: CliContext, word: str, is_followed: bool, count: int) -> None:
    """Print what the worker of a session wrote, errors included."""
    record = select_one(setup.read_records()[0], word, setup.home)
    path = setup.home.session(record.id) / folders.WORKER_LOG
    try:
        with path.open("rb") as file:
            for line in deque(file, maxlen=count):
                _write_line(line)
            if is_followed:
                _follow(file, setup, record.id)
    except FileNotFoundError:
        say(f"#{record.id} {record.name} has no log yet: it has not started.")


def _follow(file: BinaryIO, setup: CliContext, session_id: int) -> None:
    with suppress(Unreachable, Refused), Client.connect(setup.home) as client:
        while as_record(client.request(Get, session_id=session_id)).state not in ENDED:
            _write_rest(file, is_over=False)
            time.sleep(FOLLOW_INTERVAL_S)
    # Without a supervisor, and after the end, nothing more will come than this.
    _write_rest(file, is_over=True)


def _write_rest(file: BinaryIO, *, is_over: bool) -> None:
    for line in file:
        if not line.endswith(b"\n") and not is_over:
            file.seek(-len(line), os.SEEK_CUR)  # half a line waits for its end
            break
        _write_line(line)
    sys.stdout.flush()


def _write_line(line: bytes) -> None:
    text = line.decode(errors="replace").rstrip("\r\n").expandtabs()
    click.echo(printable(text, MAX_LINE))
