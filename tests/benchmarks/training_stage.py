"""Environment of the training benchmarks: real homes, and sessions that train in turns."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.records import SessionState
from mnist_tui.training.benchmark.benchmark_runner import write_synthetic
from mnist_tui.training.sessions.hardware import num_cores
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.benchmarks.watched_terminal import WatchedTerminal
from tests.conftest import has_mnist, mnist_folder
from tests.deadlines import wait_until
from tests.harness import Workspace, new_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.records import MetricRow

EPOCHS_FOR_EVER = 100_000
PATIENCE_S = 180.0
WARM_UP_S = 0.7


@dataclass(frozen=True)
class Conditions:
    """What every row of a run has in common."""

    device: str
    precision: str
    batch_size: int
    seconds: float
    """Of each sample."""
    rounds: int
    threads: int
    """Of a session or loop that is alone."""
    data_dir: Path

    @property
    def is_on_cpu(self) -> bool:
        """Whether no GPU is measured."""
        return self.device == "cpu"

    @property
    def loop_options(self) -> list[object]:
        """The command line of a loop beside it, with every core."""
        return [
            "--data-dir", self.data_dir, "--device", self.device, "--threads", self.threads,
            "--batch-size", self.batch_size,
        ]  # fmt: skip

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of a session of `cnn` that trains for ever; the rest as by default."""
        open_threads = {} if self.threads == num_cores() else {"threads": self.threads}
        return open_threads | {
            "dataset": "mnist", "model": "cnn", "epochs": EPOCHS_FOR_EVER,
            "batch_size": self.batch_size, "device": self.device, "precision": self.precision,
        }  # fmt: skip


@contextmanager
def images_for_training() -> Iterator[Path]:
    """Yield the folder of the real MNIST, or where that is missing one with random pixels."""
    if has_mnist(mnist_folder()):
        yield mnist_folder().resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="mt-bench-"))
    try:
        write_synthetic(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


class Sessions:
    """Sessions of one home, as many as its slots, which are paused but for their turns."""

    def __init__(self, workspace: Workspace, ids: Sequence[int], batch_size: int) -> None:
        self._workspace = workspace
        self._ids = ids
        self._batch_size = batch_size

    def images_per_s(self, seconds: float) -> float:
        """Let all train at once and return their speed in all, warm-up and epochs' ends left out.

        It is read from the times of their metric rows, as a user could.
        """
        self._all(Trigger.RESUME, SessionState.RUNNING)
        time.sleep(WARM_UP_S)
        began_at = datetime.now(UTC)
        time.sleep(seconds)
        speeds = wait_until(lambda: self._speeds(began_at), "all write rows", PATIENCE_S)
        self._all(Trigger.PAUSE, SessionState.PAUSED)
        return sum(speeds)

    def rest(self) -> None:
        """Pause all."""
        self._all(Trigger.PAUSE, SessionState.PAUSED)

    def _all(self, action: Trigger, state: SessionState) -> None:
        for session_id in self._ids:
            self._workspace.request(action, session_id)
        for session_id in self._ids:
            self._workspace.reach(session_id, state, timeout_s=PATIENCE_S)

    def _speeds(self, began_at: datetime) -> list[float]:
        """Return how fast each has been since `began_at`; none until all have rows enough."""
        ended_at = datetime.now(UTC)
        speeds = [self._speed(session_id, began_at, ended_at) for session_id in self._ids]
        return speeds if all(speeds) else []

    def _speed(self, session_id: int, began_at: datetime, ended_at: datetime) -> float:
        rows = [
            row
            for row in self._workspace.rows(session_id)
            if row.split == "train" and began_at <= _time(row) <= ended_at
        ]
        steps, duration_s = 0, 0.0
        for before, after in pairwise(rows):
            # Between epochs lie the last, smaller batch, a validation and its checkpoint.
            if not before.epoch.is_integer() and not after.epoch.is_integer():
                steps += after.step - before.step
                duration_s += (_time(after) - _time(before)).total_seconds()
        return steps * self._batch_size / duration_s if steps else 0.0


@contextmanager
def sessions(
    conditions: Conditions, slots: int = 1, *, has_screen: bool = False
) -> Iterator[Sessions]:
    """Yield as many paused sessions as slots, in a home of their own, on the screen or not."""
    with ExitStack() as stack:
        workspace = stack.enter_context(
            new_workspace(conditions.data_dir, options=("--slots", str(slots)))
        )
        ids = [
            workspace.create(parameters=conditions.parameters | {"seed": seed})
            for seed in range(slots)
        ]
        for session_id in ids:
            workspace.reach(session_id, SessionState.RUNNING, timeout_s=PATIENCE_S)
            workspace.reach_step(session_id, 1)
        if has_screen:
            stack.enter_context(_screen(workspace, conditions.data_dir))
        made = Sessions(workspace, ids, conditions.batch_size)
        made.rest()
        yield made


@contextmanager
def _screen(workspace: Workspace, data_dir: Path) -> Iterator[None]:
    """Have the screen open in a terminal that takes what it is sent."""
    is_over = threading.Event()
    with WatchedTerminal(workspace.home, data_dir=data_dir) as terminal:
        terminal.await_output(PATIENCE_S)

        def take() -> None:
            while not is_over.is_set():
                terminal.take(0.5, 1.0)

        taking = threading.Thread(target=take, daemon=True)
        taking.start()
        try:
            yield
        finally:
            is_over.set()
            taking.join()


def _time(row: MetricRow) -> datetime:
    return datetime.fromisoformat(row.time)
