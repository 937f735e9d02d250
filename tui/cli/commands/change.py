"""`pause resume stop kill hold release rm`: one change, asked of any number of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.requests import List
from mnist_tui.training.sessions.hardware import boot_id
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.recovery import waits_for_a_person
from mnist_tui.training.sessions.rules import RULES
from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.cli.session_changes import Changes, possible
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext

HELP = {
    Trigger.PAUSE: "Train no further batch; a checkpoint is written, the process keeps its memory.",
    Trigger.RESUME: "Go on exactly where it was: paused, stopped, killed, failed or interrupted.",
    Trigger.STOP: "Finish the batch, save and free the device; resume goes on later.",
    Trigger.KILL: "End at once, nothing saved; resume goes on from the last checkpoint.",
    Trigger.HOLD: "Keep queued sessions waiting until they are released.",
    Trigger.RELEASE: "Let held sessions start when there is a free slot.",
    Trigger.REMOVE: "Move ended or queued sessions to the trash folder; nothing is deleted.",
}


def _command(request: Trigger) -> click.Command:
    @click.pass_obj
    def ask(
        setup: CliContext,
        words: Sequence[str],
        is_all: bool,
        is_waiting: bool = False,
        is_interrupted: bool = False,
    ) -> int:
        if is_interrupted:
            return _go_on(setup, words, is_all=is_all)
        return _ask(setup, request, words, is_all=is_all, waits=is_waiting)

    parameters: list[click.Parameter] = [
        click.Argument(["words"], metavar="[ID]...", nargs=-1),
        click.Option(["--all", "is_all"], is_flag=True, help=f"All sessions that {request} fits"),
    ]
    if request is Trigger.RESUME:
        parameters.append(
            click.Option(
                ["--interrupted", "is_interrupted"],
                is_flag=True,
                help="All sessions that a restart of the machine or a lost supervisor left behind",
            )
        )
    if RULES[request].goal:
        parameters.append(
            click.Option(
                ["--wait/--no-wait", "is_waiting"],
                default=True,
                help="Return when it has happened (default), or as soon as it is asked for",
            )
        )
    summary = HELP[request]
    help_text = f"{summary}\n\nIDs may be several; a unique name or state:running does as well."
    return click.Command(
        request.value, params=parameters, callback=ask, help=help_text, short_help=summary
    )


def _ask(
    setup: CliContext, request: Trigger, words: Sequence[str], *, is_all: bool, waits: bool
) -> int:
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
        is_done = Changes(client, setup.home, request).ask(chosen, waits=waits)
    return 0 if is_done else 1


def _go_on(setup: CliContext, words: Sequence[str], *, is_all: bool) -> int:
    if words or is_all:
        raise click.UsageError(
            "--interrupted names the sessions already.", click.get_current_context()
        )
    # The first supervisor after a restart of the machine finds out what that left behind.
    boot = boot_id()
    with setup.connect_or_start() as client:
        left = [record for record in client.records(List) if waits_for_a_person(record, boot)]
        if not left:
            say(f"No interrupted session waits in {setup.home.path}.")
        by_request = {
            Trigger.RESUME: [each for each in left if not each.is_held],
            Trigger.RELEASE: [each for each in left if each.is_held],
        }
        done = [
            Changes(client, setup.home, request).ask(records, waits=False)
            for request, records in by_request.items()
        ]
    return 0 if all(done) else 1


pause = _command(Trigger.PAUSE)
resume = _command(Trigger.RESUME)
stop = _command(Trigger.STOP)
kill = _command(Trigger.KILL)
hold = _command(Trigger.HOLD)
release = _command(Trigger.RELEASE)
rm = _command(Trigger.REMOVE)
