"""`rename tag note pin`: what a session is called by, in any state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.protocol.client import Refused, as_record
from mnist_tui.training.protocol.requests import Get, Label
from mnist_tui.tui.cli.selection import select, select_one
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.client import Client
    from mnist_tui.tui.cli.context import CliContext

HELP = "-h"
SIGNS_ARE_TAGS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""So that -old is a tag to remove and not an option, and -hard does not ask for help."""


@click.command()
@click.argument("word", metavar="ID")
@click.argument("name", metavar="NAME")
@click.pass_obj
def rename(setup: CliContext, word: str, name: str) -> None:
    """Give a session another name, also while it trains."""
    session_id = _one(setup, word)
    with setup.connect_or_start() as client:
        record = _label(client, session_id, name=name)
    say(f"#{record.id} is called {record.name}.")


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
    session_id = _one(setup, word)
    with setup.connect_or_start() as client:
        had = as_record(client.request(Get, session_id=session_id)).tags
        record = _label(client, session_id, tags=retagged(() if is_clear else had, changes))
    tags = f"the tags {', '.join(record.tags)}" if record.tags else "no tags"
    say(f"#{record.id} {record.name} has {tags}.")


@click.command()
@click.argument("word", metavar="ID")
@click.argument("texts", metavar="TEXT", nargs=-1, required=True)
@click.pass_obj
def note(setup: CliContext, word: str, texts: Sequence[str]) -> None:
    """Write a note about a session in place of the one it has; an empty TEXT removes it."""
    session_id = _one(setup, word)
    with setup.connect_or_start() as client:
        record = _label(client, session_id, note=" ".join(texts))
    says = f"the note: {record.note}" if record.note else "no note."
    say(f"#{record.id} {record.name} has {says}")


@click.command()
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option("--off", "is_off", is_flag=True, help="Unpin them instead")
@click.pass_obj
def pin(setup: CliContext, words: Sequence[str], is_off: bool) -> int:
    """Pin sessions: they stand first in the screen's list and cannot be moved to the trash."""
    records, _ = setup.read_records()
    chosen = select(records, words, setup.home)
    if not chosen:
        say(f"There is no session to pin in {setup.home.path}.")
        return 0
    is_all_done = True
    with setup.connect_or_start() as client:
        for each in chosen:
            try:
                record = _label(client, each.id, is_pinned=not is_off)
            except Refused as error:
                is_all_done = False
                say(str(error))
            else:
                say(
                    f"#{record.id} {record.name} is {'pinned' if record.is_pinned else 'unpinned'}."
                )
    return 0 if is_all_done else 1


def retagged(tags: Sequence[str], changes: Sequence[str]) -> tuple[str, ...]:
    """Return `tags` with TAG and +TAG added at the end and -TAG taken away, from left to right.

    Raises:
        click.ClickException: A tag to be removed is not there.
    """
    found = dict.fromkeys(tags)
    for change in changes:
        if not change.startswith("-"):
            found[change.removeprefix("+")] = None
        elif change[1:] in found:
            del found[change[1:]]
        else:
            raise click.ClickException(f"There is no tag {printable(change[1:], 80)} to remove.")
    return tuple(found)


def _one(setup: CliContext, word: str) -> int:
    records, _ = setup.read_records()
    return select_one(records, word, setup.home).id


def _label(client: Client, session_id: int, **labels: Any) -> SessionRecord:
    return as_record(client.request(Label, session_id=session_id, **labels))
