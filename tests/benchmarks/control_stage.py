"""Environment of the control benchmarks: new homes, their supervisors, and a client of each."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.history import read_history
from mnist_tui.training.protocol.client import Client
from mnist_tui.training.protocol.messages import SessionChanged
from mnist_tui.training.protocol.requests import ChangeState, Create, Status, Subscribe, Warm
from tests.benchmarks.stored_sessions import fill
from tests.conftest import has_mnist
from tests.deadlines import wait_until
from tests.harness import Workspace, new_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mnist_tui.storage.history import CommandHistory
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord, SessionState
    from mnist_tui.training.sessions.lifecycle import Trigger

PATIENCE_S = 120.0
TRAINING: dict[str, Any] = {"epochs": 100_000, "log_every": 1, "checkpoint_every": 3600}
"""The usual network and batch, a metric row for each batch, and no checkpoint but what is asked."""


@dataclass(frozen=True)
class ControlStage:
    """What every measurement is given."""

    repeats: int
    data_dir: Path
    """The dataset folder: with the real MNIST, or the embedded digits are put into it."""
    threads: int | None = None
    """CPU threads of a session; None for its default."""

    @contextmanager
    def workspace(self, *options: str, num_stored: int = 0) -> Iterator[Workspace]:
        """Make a home with a supervisor to be, and end both."""
        with new_workspace(self.data_dir, options=options) as workspace:
            if num_stored:
                fill(workspace.home, num_stored)
            yield workspace

    @property
    def parameters(self) -> dict[str, Any]:
        """What the sessions that are measured are made of."""
        dataset = "mnist" if has_mnist(self.data_dir) else "digits"
        threads = {} if self.threads is None else {"threads": self.threads}
        return TRAINING | {"dataset": dataset} | threads

    def get_data(self) -> None:
        """Have the dataset in its folder before anything is measured."""
        with self.workspace() as workspace:
            workspace.create(parameters=self.parameters, is_held=True)


class Watch:
    """A client that has subscribed, as a screen does, and notes when a state reaches it."""

    def __init__(self, home: Home) -> None:
        self._client = Client.connect(home, client="bench")
        self._client.records(Subscribe)

    def create(self, workspace: Workspace, parameters: dict[str, Any]) -> tuple[int, float]:
        """Make a session; return its ID and when that was asked for."""
        asked_at = time.time()
        made = self._client.request(Create, parameters=parameters, data_dir=str(workspace.data_dir))
        return int(made["id"]), asked_at

    def change(
        self, session_id: int, action: Trigger, *states: SessionState
    ) -> tuple[float, float]:
        """Ask for a change; return when that was, and when one of `states` was told."""
        told: list[float] = []

        def note(event: object) -> None:
            if _tells(event, session_id, states):
                told.append(time.time())

        asked_at = time.time()
        self._client.request(ChangeState, session_id=session_id, action=action, on_event=note)
        return asked_at, told[0] if told else self.await_state(session_id, *states)

    def await_state(self, session_id: int, *states: SessionState) -> float:
        """Return when one of `states` was told."""
        for event in self._client.events():
            if _tells(event, session_id, states):
                return time.time()
        raise AssertionError(f"the supervisor left before #{session_id} was {states}")

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _tells(event: object, session_id: int, states: tuple[SessionState, ...]) -> bool:
    if not isinstance(event, SessionChanged):
        return False
    record: SessionRecord = event.record
    return record.id == session_id and record.state in states


def warm(workspace: Workspace) -> None:
    """Have the fork server loaded."""
    workspace.client.request(Warm)
    wait_until(
        lambda: workspace.client.request(Status)["is_warm"], "the fork server is up", PATIENCE_S
    )


def command(workspace: Workspace, session_id: int) -> CommandHistory:
    """Return the newest command of a session that was carried out."""

    def newest() -> CommandHistory | None:
        rows = [
            row
            for row in read_history(workspace.home.session(session_id) / "history.jsonl")
            if row.by
        ]
        return rows[-1] if rows and rows[-1].done_at else None

    done = wait_until(newest, "the command is done", PATIENCE_S)
    assert done is not None
    return done


def seconds(text: str) -> float:
    """Return the time of a row or an event as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()
