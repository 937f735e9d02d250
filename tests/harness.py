"""Temporary homes with real supervisors: the one harness of system, screen and benchmark tests."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from mnist_tui.storage.home import Home
from mnist_tui.storage.metrics.metric_log import read_metrics
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.requests import ChangeState, Create, Get, List, Shutdown, Status
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from mnist_tui.training.sessions.lifecycle import ENDED, Trigger
from tests.deadlines import patient, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mnist_tui.storage.records import MetricRow, SessionRecord, SessionState

ENDLESS = {"epochs": 100_000, "batch_size": 32, "log_every": 1}
"""A session on digits that runs until a request ends it."""
SMALL_ENDLESS = ENDLESS | {"filters": "4"}
"""The same with a network that leaves time to the screen beside it."""


@dataclass
class Workspace:
    """A home, its dataset folder, its supervisor, and the requests that tests send."""

    home: Home
    data_dir: Path
    options: tuple[str, ...] = ("--slots", "2")
    """Of the supervisor that the first request starts."""
    parameters: Mapping[str, Any] = field(default_factory=lambda: ENDLESS)
    """Of sessions that are created without any."""
    _client: Client | None = field(default=None)

    @property
    def client(self) -> Client:
        """The connection, made or made again if the supervisor has left."""
        if self._client is None:
            self._client = connect_or_start(self.home, self.options)
        return self._client

    def disconnect(self) -> None:
        """Close the connection; the next request opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def create(self, **fields: Any) -> int:
        """Create a session and return its ID."""
        parameters = fields.pop("parameters", self.parameters)
        data_dir = str(fields.pop("data_dir", self.data_dir))
        payload = self.client.request(Create, parameters=parameters, data_dir=data_dir, **fields)
        return as_record(payload).id

    def request(self, action: Trigger, session_id: int) -> SessionRecord | None:
        """Request a change of state; return the record afterwards, None if it was removed."""
        payload = self.client.request(ChangeState, session_id=session_id, action=action)
        return None if payload is None else as_record(payload)

    def record(self, session_id: int) -> SessionRecord:
        """Return the record of a session."""
        return as_record(self.client.request(Get, session_id=session_id))

    def records(self) -> list[SessionRecord]:
        """Return the records of all sessions."""
        return self.client.records(List)

    def reach(self, session_id: int, *states: SessionState, timeout_s: float = 60) -> SessionRecord:
        """Wait until a session is in one of `states` and return its record."""

        def arrived() -> SessionRecord | None:
            record = self.record(session_id)
            return record if record.state in states else None

        what = f"#{session_id} becomes {' or '.join(states)}"
        try:
            wait_until(arrived, what, timeout_s)
            return self.record(session_id)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {self.record(session_id)}") from None

    def reach_step(self, session_id: int, step: int) -> SessionRecord:
        """Wait until a session has trained `step` batches."""
        wait_until(
            lambda: self.record(session_id).progress.position.step >= step,
            f"#{session_id} trains {step} batches",
        )
        return self.record(session_id)

    def rows(self, session_id: int) -> list[MetricRow]:
        """Return the metric rows of a session as stored."""
        return read_metrics(self.home.session(session_id) / "metrics.jsonl")

    def supervisor_pid(self) -> int:
        """Return the process ID of the supervisor."""
        pid = self.client.request(Status)["pid"]
        assert isinstance(pid, int)
        return pid

    def processes(self) -> list[psutil.Process]:
        """Return the processes of this home: those that name it, and their descendants."""
        path = str(self.home.path)
        ours: dict[int, psutil.Process] = {}
        # A parent is older than its children, so its ID is met first.
        for process in sorted(psutil.process_iter(), key=_age):
            with suppress(psutil.Error):
                if process.uids().real == os.getuid() and (
                    process.ppid() in ours or path in process.cmdline()
                ):
                    ours[process.pid] = process
        return list(ours.values())

    def clear(self) -> None:
        """End and remove every session."""
        for record in self.records():
            if record.state not in ENDED:
                self.request(Trigger.KILL, record.id)
                self.reach(record.id, *ENDED)
            self.request(Trigger.REMOVE, record.id)

    def shut_down(self) -> None:
        """End every process of this home, politely first."""
        ours = self.processes()
        self.disconnect()
        with suppress(Unreachable, Refused), Client.connect(self.home) as client:
            client.request(Shutdown)
        alive = still_running(ours, timeout_s=20)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert not alive, f"left running: {alive}"

    def kill(self) -> None:
        """Kill every process of this home at once, guards first, as a power cut does."""
        self.disconnect()
        ours = self.processes()
        for process in ours:  # the guard is the oldest
            with suppress(psutil.NoSuchProcess):
                process.kill()
        assert not still_running(ours, timeout_s=10)


def still_running(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    """Return the processes that have not ended before a deadline.

    Unlike `psutil.wait_procs` it does not wait until a process is reaped: orphans are reaped by
    process 1, which may take seconds in a container.
    """
    deadline = time.monotonic() + patient(timeout_s)
    while alive := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            return alive
        time.sleep(0.01)
    return []


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _age(process: psutil.Process) -> float:
    try:
        return float(process.create_time())
    except psutil.Error:
        return 0.0


@contextmanager
def new_workspace(data_dir: Path, *, is_killed: bool = False, **fields: Any) -> Iterator[Workspace]:
    """Yield a workspace in a home without sessions; end its processes and remove it afterwards.

    Args:
        data_dir: The dataset folder of its sessions.
        is_killed: End the processes at once, which is faster than to ask them to leave.
        **fields: Of the workspace.
    """
    # pytest's own temporary folders are too long for a socket beside the registry.
    home = Home(Path(tempfile.mkdtemp(prefix="mt-")))
    workspace = Workspace(home, data_dir, **fields)
    try:
        yield workspace
    finally:
        workspace.shut_down()
        shutil.rmtree(home.path, ignore_errors=True)
