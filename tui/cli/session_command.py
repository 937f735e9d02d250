"""Commands that make one request of any number of sessions, such as `pause`, and their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.training.protocol.client import as_record
from mnist_tui.training.protocol.requests import Label
from mnist_tui.training.sessions.rules import RULES
from mnist_tui.tui.cli.selection import select, select_one
from mnist_tui.tui.cli.session_changes import Changes, possible
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.sessions.lifecycle import Trigger
    from mnist_tui.tui.cli.context import CliContext


def session_command(
    request: Trigger,
    summary: str,
    callback: Callable[..., Any] | None = None,
    options: Sequence[click.Option] = (),
) -> click.Command:
    """Return the command for a request.

    Args:
        request: The request; it names the command.
        summary: One sentence for the help.
        callback: The function to call instead of `request_change`, with the same arguments.
        options: Options besides `--all` and `--wait`.
    """

    @click.pass_obj
    def change(setup: CliContext, /, **arguments: Any) -> int:
        return request_change(setup, request, **arguments)

    parameters: list[click.Parameter] = [
        click.Argument(["words"], metavar="[ID]...", nargs=-1),
        click.Option(["--all", "is_all"], is_flag=True, help=f"All sessions that {request} fits"),
        *options,
    ]
    if RULES[request].goal:
        parameters.append(
            click.Option(
                ["--wait/--no-wait", "is_waiting"],
                default=True,
                help="Return when it has happened (default), or as soon as it is requested",
            )
        )
    return click.Command(
        request.value,
        params=parameters,
        callback=callback or change,
        help=f"{summary}\n\nIDs may be several; a unique name or state:running does as well.",
        short_help=summary,
    )


def request_change(
    setup: CliContext,
    request: Trigger,
    words: Sequence[str],
    *,
    is_all: bool,
    is_waiting: bool = False,
) -> int:
    """Make a request of the selected sessions and return the exit code."""
    if bool(words) == is_all:
        raise click.UsageError(
            "Give session IDs, or --all, but not both.", click.get_current_context()
        )
    records, _ = setup.read_records()
    chosen = possible(records, request) if is_all else select(records, words, setup.home)
    if not chosen:
        say(f"There is no session to {request} in {setup.home.path}.")
        return 0
    with setup.connect_or_start() as client:
        is_done = Changes(client, setup.home, request).request_all(chosen, waits=is_waiting)
    return 0 if is_done else 1


def label_session(setup: CliContext, word: str, **labels: Any) -> SessionRecord:
    """Change labels of the session that `word` selects and return its record."""
    session_id = select_one(setup.read_records()[0], word, setup.home).id
    with setup.connect_or_start() as client:
        return as_record(client.request(Label, session_id=session_id, **labels))
