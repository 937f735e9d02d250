"""Run of the demo: two small models on embedded data in a temporary home.

Its supervisor is ephemeral: it exits and removes the home once the last client has disconnected, so
that nothing remains even if this process is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psutil

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.home import Home
from mnist_tui.training.parameters.sweep import SweepPlan
from mnist_tui.training.protocol.client import Client, Refused, Unreachable
from mnist_tui.training.protocol.messages import SessionChanged, TaskProgressed
from mnist_tui.training.protocol.requests import Shutdown, Status, Subscribe
from mnist_tui.training.protocol.session_creator import BlockingSessionCreator, CreateOptions
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from mnist_tui.tui.cli.demo_report import DemoReport
from mnist_tui.tui.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event

SESSIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cnn", {"model": "cnn", "dataset": "digits", "epochs": 10, "batch_size": 32, "log_every": 5}),
    ("lenet", {"model": "lenet", "dataset": "digits", "epochs": 15, "batch_size": 32}),
)
SCREEN_EPOCHS_FACTOR = 6
"""The screen shows a longer training, so that there is time to watch, pause and resume."""
LEAVE_TIMEOUT_S = 30.0
TERMINATED = 128 + signal.SIGTERM

INTRODUCTION = (
    "Two small models learn 1,797 handwritten digits at the same time."
    " Nothing of this demo is kept."
)
FAREWELL = "The demo's sessions are gone; `mnist-tui` opens your own."


def run(device: str | None, refresh_s: float, *, has_screen: bool) -> int:
    """Run the demo on the screen or as plain lines and return the exit code."""
    with _end_on_sigterm(), _throw_away_home() as home, _supervised(home) as client:
        if has_screen:
            return _show_screen(client, home, device, refresh_s)
        return _print_progress(client, home, device)


@contextmanager
def _throw_away_home() -> Iterator[Home]:
    home = Home(Path(tempfile.mkdtemp(prefix="mnist-tui-demo-")))
    # torch creates a folder for compiled code; it must be removed with the home.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.fspath(home.path / "torchinductor")
    try:
        yield home
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


@contextmanager
def _supervised(home: Home) -> Iterator[Client]:
    with _signals_wait():
        client = connect_or_start(home, ["--slots", str(len(SESSIONS)), "--ephemeral"])
    try:
        yield client
    finally:
        client.close()
        _end_supervisor(home)


def _end_supervisor(home: Home) -> None:
    """Shut the supervisor down and return once each of its processes has ended."""
    processes: list[psutil.Process] = []
    with suppress(Unreachable, Refused, StorageError, psutil.Error), Client.connect(home) as client:
        processes = _processes(client.request(Status)["pid"], home)
        client.request(Shutdown)
    _gone, alive = psutil.wait_procs(processes, timeout=LEAVE_TIMEOUT_S)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()


def _processes(supervisor_pid: int, home: Home) -> list[psutil.Process]:
    supervisor = psutil.Process(supervisor_pid)
    # Its guard first: it would restart a killed supervisor.
    guards = [each for each in supervisor.parents() if str(home.path) in each.cmdline()]
    return [*guards, supervisor, *supervisor.children(recursive=True)]


def _show_screen(client: Client, home: Home, device: str | None, refresh_s: float) -> int:
    _create(client, home, device, lambda _: None, epochs_factor=SCREEN_EPOCHS_FACTOR)
    from mnist_tui.tui.app.app import open_ui  # noqa: PLC0415 — textual, 180 ms that plain progress saves

    ending = open_ui(home, _data_dir(home), refresh_s, {})
    say(ending.sentence if ending.is_failure else FAREWELL)
    return 1 if ending.is_failure else 0


def _print_progress(client: Client, home: Home, device: str | None) -> int:
    click.echo(INTRODUCTION)
    report = DemoReport()
    _create(client, home, device, report.take)
    for record in client.records(Subscribe):
        report.take(record)
    events = client.events()
    while not report.is_over():
        event = next(events, None)
        if event is None:
            raise Unreachable("The demo's supervisor went away; run the demo again.")
        if isinstance(event, SessionChanged):
            report.take(event.record)
    return report.compare()


def _create(
    client: Client,
    home: Home,
    device: str | None,
    on_created: Callable[[SessionRecord], object],
    *,
    epochs_factor: int = 1,
) -> None:
    def print_progress(event: Event) -> None:
        if isinstance(event, TaskProgressed):
            say(event.text)

    given = {"device": device} if device else {}
    plans = [
        SweepPlan(name, parameters | given | {"epochs": epochs_factor * parameters["epochs"]})
        for name, parameters in SESSIONS
    ]
    request = partial(client.request, on_event=print_progress)
    creator = BlockingSessionCreator(request, CreateOptions(_data_dir(home)))
    creator.create_all(plans, on_created)


def _data_dir(home: Home) -> Path:
    return home.path / "data"


@contextmanager
def _end_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into an exit with cleanup."""

    def leave(*_: object) -> None:
        # A second signal must not interrupt the cleanup.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(TERMINATED)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Deliver signals after the block: a supervisor that is starting cannot be shut down yet."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {
        number: signal.signal(number, lambda signal_number, _: received.append(signal_number))
        for number in numbers
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])
