"""`note`: a remark on a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.cli.session_command import label_session
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.argument("word", metavar="ID")
@click.argument("texts", metavar="TEXT", nargs=-1, required=True)
@click.pass_obj
def note(setup: CliContext, word: str, texts: Sequence[str]) -> None:
    """Write a note about a session in place of the one it has; an empty TEXT removes it."""
    record = label_session(setup, word, note=" ".join(texts))
    text = f"the note: {record.note}" if record.note else "no note."
    say(f"#{record.id} {record.name} has {text}")
