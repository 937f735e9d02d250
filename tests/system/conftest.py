"""A real supervisor in a home of its own for each test, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.storage.metrics.metric_log import read_metrics
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.messages import ChangeState, Create, Get, List, Shutdown, Status
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from mnist_tui.training.sessions.lifecycle import ENDED, Trigger
from tests.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.storage.records import MetricRow, SessionRecord, SessionState

ENDLESS = {"epochs": 100_000, "batch_size": 32, "log_every": 1}
"""A session on digits that runs until it is told otherwise."""


@dataclass
class Box:
    """A home, its supervisor, and what tests do with them."""

    home: Home
    data_dir: Path
    options: tuple[str, ...] = ("--slots", "2")
    _client: Client | None = field(default=None)

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = connect_or_start(self.home, self.options)
        return self._client

    def disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def create(self, **fields: Any) -> int:
        parameters = fields.pop("parameters", ENDLESS)
        data_dir = str(fields.pop("data_dir", self.data_dir))
        payload = self.client.request(Create, parameters=parameters, data_dir=data_dir, **fields)
        return as_record(payload).id

    def ask(self, action: Trigger, session_id: int) -> SessionRecord | None:
        payload = self.client.request(ChangeState, session_id=session_id, action=action)
        return None if payload is None else as_record(payload)

    def record(self, session_id: int) -> SessionRecord:
        return as_record(self.client.request(Get, session_id=session_id))

    def records(self) -> list[SessionRecord]:
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
        return read_metrics(self.home.session(session_id) / "metrics.jsonl")

    def supervisor_pid(self) -> int:
        pid = self.client.request(Status)["pid"]
        assert isinstance(pid, int)
        return pid

    def processes(self) -> list[psutil.Process]:
        """Return every process that belongs to this home."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.uids().real == os.getuid() and self._is_ours(process):
                    found.append(process)
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        path = str(self.home.path)
        parents = [process, *process.parents()]
        return any(path in parent.cmdline() for parent in parents)

    def clear(self) -> None:
        """End and remove every session."""
        for record in self.records():
            if record.state not in ENDED:
                self.ask(Trigger.KILL, record.id)
                self.reach(record.id, *ENDED)
            self.ask(Trigger.REMOVE, record.id)

    def shut_down(self) -> None:
        """End everything of this home, politely first."""
        ours = self.processes()
        self.disconnect()
        with suppress(Unreachable, Refused), Client.connect(self.home) as client:
            client.request(Shutdown)
        _gone, alive = psutil.wait_procs(ours, timeout=20)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        assert not alive, f"left running: {alive}"


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder that the first session fills with the embedded digits."""
    return tmp_path_factory.mktemp("data")


@contextmanager
def new_box(data_dir: Path) -> Iterator[Box]:
    # pytest's own temporary folders are too long for a socket beside the registry.
    home = Home(Path(tempfile.mkdtemp(prefix="mt-")))
    made = Box(home, data_dir)
    try:
        yield made
    finally:
        made.shut_down()
        shutil.rmtree(home.path, ignore_errors=True)


@pytest.fixture
def box(digits_dir: Path) -> Iterator[Box]:
    """A home whose supervisor starts with the test."""
    with new_box(digits_dir) as made:
        yield made


@pytest.fixture(scope="module")
def _module_box(digits_dir: Path) -> Iterator[Box]:
    with new_box(digits_dir) as made:
        yield made


@pytest.fixture
def shared(_module_box: Box) -> Iterator[Box]:
    """A home without sessions whose supervisor and fork server a module's tests share."""
    yield _module_box
    _module_box.clear()
