"""`resume`: continue sessions exactly where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.training.protocol.requests import List
from mnist_tui.training.sessions.hardware import boot_id
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.recovery import waits_for_a_person
from mnist_tui.tui.cli.session_changes import Changes
from mnist_tui.tui.cli.session_command import request_change, session_command
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext

INTERRUPTED = click.Option(
    ["--interrupted", "is_interrupted"],
    is_flag=True,
    help="All sessions that a restart of the machine or a lost supervisor left behind",
)


@click.pass_obj
def _resume(setup: CliContext, words: Sequence[str], *, is_all: bool, is_interrupted: bool) -> int:
    if not is_interrupted:
        return request_change(setup, Trigger.RESUME, words, is_all=is_all)
    if words or is_all:
        raise click.UsageError(
            "--interrupted names the sessions already.", click.get_current_context()
        )
    # The first supervisor after a restart of the machine finds the sessions that it left behind.
    boot = boot_id()
    with setup.connect_or_start() as client:
        waiting = [record for record in client.records(List) if waits_for_a_person(record, boot)]
        if not waiting:
            say(f"No interrupted session waits in {setup.home.path}.")
        by_request = {
            Trigger.RESUME: [record for record in waiting if not record.is_held],
            Trigger.RELEASE: [record for record in waiting if record.is_held],
        }
        done = [
            Changes(client, setup.home, request).request_all(records, waits=False)
            for request, records in by_request.items()
        ]
    return 0 if all(done) else 1


resume = session_command(
    Trigger.RESUME,
    "Go on exactly where it was: paused, stopped, killed, failed or interrupted.",
    _resume,
    [INTERRUPTED],
)
