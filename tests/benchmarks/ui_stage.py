"""Environment of the screen benchmarks: a home, a supervisor, sessions that train, a terminal."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState
from tests.benchmarks.stored_sessions import fill
from tests.benchmarks.ui_pacing import paced
from tests.benchmarks.watched_terminal import WatchedTerminal, state_folder
from tests.harness import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

NUM_RUNNING = 5
SLOTS = ("--slots", str(NUM_RUNNING))
TRAINING: dict[str, Any] = {
    "filters": "4", "batch_size": 4, "log_every": 1, "threads": 1, "checkpoint_every": 600,
}  # fmt: skip
"""Small sessions on digits: a metric row every few milliseconds."""
EPOCHS_FOR_EVER = 100_000
PATIENCE_S = 60.0
MEMORY_FOLDER = Path("/dev/shm")
"""Making 10,000 sessions waits for a disk 60,000 times; what reads them meets the page cache."""


class UiStage:
    """Homes by how many sessions they store; each is made once and used by every measurement."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make homes in `folder` and keep them, or in one that goes with the stage."""
        in_memory = str(MEMORY_FOLDER) if MEMORY_FOLDER.is_dir() else None
        self._is_kept = folder is not None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="mt-bench-", dir=in_memory))
        self._workspaces: dict[int, Workspace] = {}
        self.data_dir = self._folder / "data"

    def workspace(self, num_stored: int) -> Workspace:
        """Return the home with `num_stored` sessions."""
        if num_stored not in self._workspaces:
            home = Home(self._folder / str(num_stored))
            if not home.registry.exists():
                fill(home, num_stored)
            self._workspaces[num_stored] = Workspace(home, self.data_dir, SLOTS)
        return self._workspaces[num_stored]

    @contextmanager
    def training(
        self, num_stored: int, count: int = NUM_RUNNING, **parameters: Any
    ) -> Iterator[tuple[Workspace, list[int]]]:
        """Let `count` sessions train in a home; yield it and their IDs, and end them."""
        workspace = self.workspace(num_stored)
        given = TRAINING | {"epochs": EPOCHS_FOR_EVER} | parameters
        ids = [workspace.create(parameters=given | {"seed": seed}) for seed in range(count)]
        try:
            for session_id in ids:
                workspace.reach(session_id, SessionState.RUNNING, timeout_s=PATIENCE_S)
                workspace.reach_step(session_id, 1)
            yield workspace, ids
        finally:
            self._end(workspace, ids)

    @contextmanager
    def paced_training(
        self, num_stored: int, **parameters: Any
    ) -> Iterator[tuple[Workspace, list[int]]]:
        """Let sessions train that leave most of the cores' time to others."""
        with self.training(num_stored, **parameters) as (workspace, ids):
            pids = [workspace.record(session_id).worker_pid for session_id in ids]
            with paced([pid for pid in pids if pid is not None]):
                yield workspace, ids

    def open(
        self, workspace: Workspace, *words: str, columns: int = 120, rows: int = 40
    ) -> WatchedTerminal:
        """Open the screen of a home, with the view of somebody who comes for the first time."""
        assert workspace.client  # the supervisor runs already, with the slots of this stage
        shutil.rmtree(state_folder(workspace.home), ignore_errors=True)
        return WatchedTerminal(
            workspace.home, *words, columns=columns, rows=rows, data_dir=self.data_dir
        )

    def close(self) -> None:
        """End every supervisor and remove every home."""
        for workspace in self._workspaces.values():
            workspace.shut_down()
        if not self._is_kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> UiStage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, workspace: Workspace, ids: list[int]) -> None:
        from mnist_tui.training.sessions.lifecycle import ENDED, Trigger

        for session_id in ids:
            if workspace.record(session_id).state not in ENDED:
                workspace.request(Trigger.KILL, session_id)
        for session_id in ids:
            workspace.reach(session_id, *ENDED)
            workspace.request(Trigger.REMOVE, session_id)


def settle(terminal: WatchedTerminal, quiet_s: float = 0.3, limit_s: float = 5.0) -> None:
    """Take what a start or a key brings, as far as it ends soon, and parse it."""
    terminal.await_output(PATIENCE_S)
    terminal.take(quiet_s, limit_s)
    terminal.parse()
