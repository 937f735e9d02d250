"""A real supervisor in a home of its own for each test that opens the screen."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.messages import ChangeState, Create, Get, Shutdown, Status
from mnist_tui.training.protocol.start_supervisor import connect_or_start
from tests.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.storage.records import SessionRecord, SessionState
    from mnist_tui.training.sessions.lifecycle import Trigger

ENDLESS = {"epochs": "100000", "batch_size": "32", "log_every": "1", "filters": "4"}
"""A small session on digits that runs until it is told otherwise."""


@dataclass
class Stage:
    """A home, the datasets, and what a test does behind the screen's back."""

    home: Home
    data_dir: Path

    def create(self, **fields: Any) -> int:
        """Make a session through the supervisor and return its ID."""
        fields.setdefault("parameters", ENDLESS)
        with connect_or_start(self.home) as client:
            payload = client.request(Create, data_dir=str(self.data_dir), **fields)
        return as_record(payload).id

    def record(self, session_id: int) -> SessionRecord:
        """Return a record as the supervisor knows it."""
        with Client.connect(self.home) as client:
            return as_record(client.request(Get, session_id=session_id))

    def ask(self, session_id: int, action: Trigger) -> None:
        """Ask for a change."""
        with Client.connect(self.home) as client:
            client.request(ChangeState, session_id=session_id, action=action)

    def reach(self, session_id: int, state: SessionState) -> None:
        """Wait until a session is in `state`."""
        wait_until(
            lambda: self.record(session_id).state is state, f"#{session_id} becomes {state}", 60
        )

    def supervisor(self) -> psutil.Process:
        """Return the supervisor's process."""
        with Client.connect(self.home) as client:
            return psutil.Process(client.request(Status)["pid"])

    def shut_down(self) -> None:
        """End everything of this home."""
        with suppress(Unreachable, Refused, psutil.NoSuchProcess):
            supervisor = self.supervisor()
            family = [supervisor, *supervisor.children(recursive=True)]
            with Client.connect(self.home) as client:
                client.request(Shutdown)
            _gone, alive = psutil.wait_procs(family, timeout=20)
            for process in alive:
                process.kill()
        shutil.rmtree(self.home.path, ignore_errors=True)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder that the first session fills with the embedded digits."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def stage(data_dir: Path) -> Iterator[Stage]:
    """A home without sessions, its path short enough for a socket in it."""
    made = Stage(Home(Path(tempfile.mkdtemp(prefix="mt-ui-"))), data_dir)
    try:
        yield made
    finally:
        made.shut_down()
