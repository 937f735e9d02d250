"""`move`: the place of a queued session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.client import as_record
from mnist_tui.training.protocol.requests import List, Move
from mnist_tui.training.sessions.queue import ordinal, queue_places
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext

FAR = 2**31
"""More places than any queue has."""
PLACES = {"up": -1, "down": 1, "first": -FAR, "last": FAR}


@click.command()
@click.argument("word", metavar="ID")
@click.argument("direction", metavar="up|down|first|last", type=click.Choice(list(PLACES)))
@click.pass_obj
def move(setup: CliContext, word: str, direction: str) -> None:
    """Let a queued session start earlier or later than the others that wait."""
    records, _ = setup.read_records()
    session_id = select_one(records, word, setup.home).id
    with setup.connect_or_start() as client:
        payload = client.request(Move, session_id=session_id, places=PLACES[direction])
        record = as_record(payload)
        place = queue_places(client.records(List)).get(record.id)
    where = f"{ordinal(place)} in the queue" if place else "no longer in the queue"
    say(f"#{record.id} {record.name} is {where}.")
