"""`supervisor`: the background process of a home."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.lock import is_locked
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.client import Client, Unreachable
from mnist_tui.training.protocol.messages import ANY_VERSION
from mnist_tui.training.protocol.requests import Shutdown, Status
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_writer import pairs_text

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.tui.cli.context import CliContext

LEAVE_TIMEOUT_S = 90.0
"""Longer than a worker may take to save before it is killed."""
LEAVE_POLL_S = 0.02

json_option = click.option("--json", "is_json", is_flag=True, help="As a JSON object")


@click.group()
def supervisor() -> None:
    """Look after the background process that owns the sessions of a home."""


@supervisor.command()
@json_option
@click.pass_obj
def status(setup: CliContext, is_json: bool) -> None:
    """Report whether it runs; starts nothing."""
    _show(_status(setup.home), is_json)


@supervisor.command()
@json_option
@click.pass_obj
def start(setup: CliContext, is_json: bool) -> None:
    """Start it where it does not run; sessions that wait begin to train."""
    setup.connect_or_start().close()
    _show(_status(setup.home), is_json)


@supervisor.command()
@json_option
@click.pass_obj
def stop(setup: CliContext, is_json: bool) -> None:
    """Stop it: running sessions save, stop, and can be resumed."""
    if _leave(setup.home, is_restart=False):
        say("The supervisor has stopped; `mnist-tui resume` goes on with a stopped session.")
    else:
        say(f"No supervisor runs for {setup.home.path}.")
    if is_json:
        _show(_status(setup.home), is_json)


@supervisor.command()
@json_option
@click.pass_obj
def restart(setup: CliContext, is_json: bool) -> None:
    """Stop it and start it again: running sessions save and go on by themselves."""
    _leave(setup.home, is_restart=True)
    setup.connect_or_start().close()
    _show(_status(setup.home), is_json)


def _leave(home: Home, *, is_restart: bool) -> bool:
    """Shut the supervisor down and wait for its end; return False if none was running."""
    try:
        # It may be of another version, which is a good reason to restart it.
        client = Client.connect(home, version=ANY_VERSION)
    except Unreachable:
        if not is_locked(home.supervisor_lock):
            return False
        raise
    with client:
        client.request(Shutdown, is_restart=is_restart)
    deadline = time.monotonic() + LEAVE_TIMEOUT_S
    while is_locked(home.supervisor_lock):
        if time.monotonic() > deadline:
            raise Unreachable(f"The supervisor has not left yet; see {home.supervisor_log}.")
        time.sleep(LEAVE_POLL_S)
    return True


def _status(home: Home) -> dict[str, Any]:
    try:
        with Client.connect(home) as client:
            return {"running": True, **client.request(Status)}
    except Unreachable:
        return {
            "running": False,
            "pid": None,
            "home": str(home.path),
            "socket": str(home.socket),
            "sessions": len(read_records(home)),
            "workers": 0,
            "slots": None,
            "started_at": None,
        }


def _show(status: dict[str, Any], is_json: bool) -> None:
    if is_json:
        json_output.write_object(status)
        return
    words = {**status, "running": "yes" if status["running"] else "no"}
    write(
        pairs_text([(name, printable(value)) for name, value in words.items() if value is not None])
    )
