"""A home of real sessions for the pictures, brought into every state by real commands."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.requests import Label
from mnist_tui.training.sessions import progress as figures
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.conftest import has_mnist, mnist_folder
from tests.deadlines import wait_until
from tests.harness import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOTS = 3
PATIENCE_S = 400.0
DIGITS_PER_MNIST = 10
"""Epochs on the small dataset for one on the large, so that there is as much to see."""

LENET = {"model": "lenet", "batch_size": 128, "threads": 1, "log_every": 20}
SGD = LENET | {"optimizer": "sgd"}
FINISHED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "baseline": (LENET | {"epochs": 3}, ("adam",)),
    "lr 0.1": (SGD | {"learning_rate": 0.1, "batch_size": 256, "epochs": 3}, ("sgd",)),
    "sgd-slow": (SGD | {"learning_rate": 0.01, "epochs": 3}, ("sgd",)),
}
"""Parameters and tags of what is over when the pictures are taken."""
TOO_MUCH_DECAY = {"learning_rate": 1, "weight_decay": 3, "epochs": 3}
STEPS = {"learning_rate": 0.05, "momentum": 0.9, "schedule": "step", "epochs": 6}
WIDE = LENET | {"model": "cnn", "filters": "8-16", "kernel_size": 5, "epochs": 20}
UNDER_WAY: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "decay 3": (SGD | TOO_MUCH_DECAY, ("sgd",)),
    "steps-down": (SGD | STEPS, ("sgd", "schedule")),
    "wide-kernels": (WIDE, ("cnn",)),
    "shifted": (LENET | {"augmentation": "shift", "epochs": 6}, ("adam",)),
    "one-cycle": (SGD | {"schedule": "onecycle", "epochs": 5}, ("sgd", "schedule")),
    "batch-norm": (LENET | {"model": "bn-cnn", "filters": "8-16-32", "epochs": 12}, ("cnn",)),
}
"""Parameters and tags of the others; the first fails, the last two wait."""


@dataclass
class Night:
    """The sessions of the pictures, in a home of their own."""

    folder: Path
    """What the pictures call `~`."""
    workspace: Workspace
    is_mnist: bool
    ids: dict[str, int] = field(default_factory=dict)
    """By the names of the sessions."""

    def begin(self) -> None:
        """Start those that are over when the pictures are taken."""
        self._make(FINISHED)
        self.workspace.client.request(Label, session_id=self.ids["baseline"], is_pinned=True)

    def go_on(self) -> None:
        """Start the others after them; pause one for good and one for a while."""
        for name in FINISHED:
            self._reach(name, SessionState.FINISHED)
        self._make(UNDER_WAY)
        self._reach("decay 3", SessionState.FAILED)
        self.reach_share("shifted", 0.1)
        self._pause("shifted")
        self.reach_share("steps-down", 0.25)
        self._pause("steps-down")
        self.reach_share("wide-kernels", self._share("wide-kernels") + 0.05)
        self.workspace.request(Trigger.RESUME, self.ids["steps-down"])

    def reach_share(self, name: str, share: float) -> None:
        """Wait until a session has done this share of its batches."""
        wait_until(
            lambda: self._share(name) >= share,
            f"{name} is at {share:.0%}",
            PATIENCE_S,
            interval_s=0.2,
        )

    def _share(self, name: str) -> float:
        return figures.progress(self.workspace.record(self.ids[name]))

    def _pause(self, name: str) -> None:
        self.workspace.request(Trigger.PAUSE, self.ids[name])
        self._reach(name, SessionState.PAUSED)

    def _reach(self, name: str, state: SessionState) -> None:
        self.workspace.reach(self.ids[name], state, timeout_s=PATIENCE_S)

    def _make(self, wanted: dict[str, tuple[dict[str, Any], tuple[str, ...]]]) -> None:
        for name, (parameters, tags) in wanted.items():
            given = parameters | {"dataset": "mnist" if self.is_mnist else "digits"}
            if not self.is_mnist:
                given["epochs"] *= DIGITS_PER_MNIST
            self.ids[name] = self.workspace.create(parameters=given, name=name, tags=tags)


@contextmanager
def new_night() -> Iterator[Night]:
    """Yield a home without sessions, on the real MNIST where it is here, else on digits."""
    # pytest's own temporary folders are too long for a socket beside the registry.
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    data_dir = folder / "data"
    is_mnist = has_mnist(mnist_folder())
    if is_mnist:
        data_dir.symlink_to(mnist_folder().resolve())
    night = Night(
        folder, Workspace(Home(folder / "sessions"), data_dir, ("--slots", str(SLOTS))), is_mnist
    )
    try:
        yield night
    finally:
        night.workspace.shut_down()
        shutil.rmtree(folder, ignore_errors=True)
