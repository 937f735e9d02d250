"""`tag`: tags of a session, added and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.client import as_record
from mnist_tui.training.protocol.requests import Get, Label
from mnist_tui.tui.cli.selection import select_one
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext

HELP = "-h"
SIGNS_ARE_TAGS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""So that -old is a tag to remove rather than an option, and -hard is no request for help."""


@click.command(context_settings=SIGNS_ARE_TAGS)
@click.argument("word", metavar="ID")
@click.argument("changes", metavar="[TAG|+TAG|-TAG]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--clear", "is_clear", is_flag=True, help="Remove all tags it has, first")
@click.pass_context
def tag(ctx: click.Context, word: str, changes: Sequence[str], is_clear: bool) -> None:
    """Add tags to a session, TAG or +TAG, and remove those given as -TAG."""
    if word == HELP:
        click.echo(ctx.get_help())
        return
    setup: CliContext = ctx.obj
    if not changes and not is_clear:
        raise click.UsageError("Give tags to add or -TAG to remove, or --clear.")
    session_id = select_one(setup.read_records()[0], word, setup.home).id
    with setup.connect_or_start() as client:
        present = as_record(client.request(Get, session_id=session_id)).tags
        tags = retagged(() if is_clear else present, changes)
        record = as_record(client.request(Label, session_id=session_id, tags=tags))
    text = f"the tags {', '.join(record.tags)}" if record.tags else "no tags"
    say(f"#{record.id} {record.name} has {text}.")


def retagged(tags: Sequence[str], changes: Sequence[str]) -> tuple[str, ...]:
    """Return `tags` with TAG and +TAG appended and -TAG removed, from left to right.

    Raises:
        click.ClickException: A tag to remove does not exist.
    """
    current = dict.fromkeys(tags)
    for change in changes:
        if not change.startswith("-"):
            current[change.removeprefix("+")] = None
        elif change[1:] in current:
            del current[change[1:]]
        else:
            raise click.ClickException(f"There is no tag {printable(change[1:], 80)} to remove.")
    return tuple(current)
