"""`snapshot`: the current state of a session, kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.requests import KeepCheckpoint
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.argument("word", metavar="ID")
@click.argument("name", metavar="NAME")
@click.pass_obj
def snapshot(setup: CliContext, word: str, name: str) -> None:
    """Keep the present state of a session as a checkpoint called NAME, which is never deleted.

    A session that trains goes on; of one at rest the newest checkpoint is kept.
    """
    records, _ = setup.read_records()
    record = select_one(records, word, setup.home)
    with setup.connect_or_start() as client:
        saved = client.request(KeepCheckpoint, session_id=record.id, name=name)
    say(
        f"Step {saved['step']:,} of #{record.id} {record.name} is kept as {name.strip()}"
        f" in {saved['file']}."
    )
