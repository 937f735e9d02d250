"""`rename`: another name for a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.cli.session_command import label_session
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from mnist_tui.tui.cli.context import CliContext


@click.command()
@click.argument("word", metavar="ID")
@click.argument("name", metavar="NAME")
@click.pass_obj
def rename(setup: CliContext, word: str, name: str) -> None:
    """Give a session another name, also while it trains."""
    record = label_session(setup, word, name=name)
    say(f"#{record.id} is called {record.name}.")
