"""`wait`: a blocking wait for the end of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.cli.session_waiter import TIMED_OUT, TimeIsUpError, time_limit, wait_for
from mnist_tui.tui.cli.types import Seconds
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.tui.cli.context import CliContext

MAX_TIMEOUT_S = 1e9
"""Limit of a timer; thirty years."""


@click.command()
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--timeout", type=Seconds(0, MAX_TIMEOUT_S), metavar="S",
    help="Give up after S seconds, exit 124",
)  # fmt: skip
@click.pass_obj
def wait(setup: CliContext, words: Sequence[str], timeout: float | None) -> int:
    """Wait until sessions have finished.

    Exit 0 when all have finished, 1 when one ended otherwise; at once with 1 when one is paused
    or held; 124 when the time is up.
    """
    records, _ = setup.read_records()
    chosen = select(records, words, setup.home)
    try:
        with time_limit(timeout):
            return wait_for(chosen, setup.connect_or_start, setup.home)
    except TimeIsUpError:
        say(f"Not finished within {timeout:g} s; training goes on.")
        return TIMED_OUT
