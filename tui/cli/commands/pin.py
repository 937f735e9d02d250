"""`pin`: sessions on top of the list and out of the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.client import Refused, as_record
from mnist_tui.training.protocol.requests import Label
from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option("--off", "is_off", is_flag=True, help="Unpin them instead")
@click.pass_obj
def pin(setup: CliContext, words: Sequence[str], is_off: bool) -> int:
    """Pin sessions: they stand first in the screen's list and cannot be moved to the trash."""
    chosen = select(setup.read_records()[0], words, setup.home)
    if not chosen:
        say(f"There is no session to pin in {setup.home.path}.")
        return 0
    exit_code = 0
    with setup.connect_or_start() as client:
        for session_id in [record.id for record in chosen]:
            try:
                payload = client.request(Label, session_id=session_id, is_pinned=not is_off)
            except Refused as error:
                exit_code = 1
                say(str(error))
            else:
                record = as_record(payload)
                pinned = "pinned" if record.is_pinned else "unpinned"
                say(f"#{record.id} {record.name} is {pinned}.")
    return exit_code
