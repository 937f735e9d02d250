"""The three things the engine knows of the world: Control, Sink and Lease."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position, Progress
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.profiles import Profile
    from mnist_tui.storage.worker_status import Activity
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class Control(Protocol):
    """Where commands come from."""

    def poll(self) -> WorkerCommand | None:
        """Return the oldest command not yet taken, or None; never waits.

        Raises:
            SupervisorLostError: Nobody is left to send commands.
        """

    def wait(self) -> WorkerCommand:
        """Return the next command, waiting for it.

        Raises:
            SupervisorLostError: Nobody is left to send commands.
        """


class Sink(Protocol):
    """Where everything the engine makes goes to."""

    def doing(self, activity: Activity, step: int) -> None:
        """Remember what begins now, after `step` optimiser steps; called before every batch."""

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Append metric rows.

        Raises:
            DiskFullError: They may be handed over again, all of them.
        """

    def progress(self, progress: Progress) -> None:
        """Tell the newest figures; may be dropped, the newest wins."""

    def checkpoint(
        self,
        content: bytes,
        position: Position,
        *,
        epoch: float,
        reason: str,
        is_best: bool,
        name: str,
    ) -> CheckpointInfo:
        """Make a checkpoint durable, one with a name for ever, and return its manifest.

        Called from a thread of its own while rows are appended; `announce` follows.

        Raises:
            DiskFullError: Those before it are as they were.
        """

    def announce(self, info: CheckpointInfo) -> None:
        """Tell that a checkpoint is on disk."""

    def samples(self, samples: FixedImageAnswers) -> None:
        """Show what the model answers now to a few images; may be dropped, the newest wins."""

    def evaluation(self, evaluation: Evaluation, predictions: Predictions) -> None:
        """Keep what the model answered to the whole test set; say so where that cannot be."""

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        """Keep where the time of some batches went, in place of what was kept before.

        Raises:
            StorageError: It cannot be kept.
        """

    def seen(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was taken."""

    def done(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was carried out."""

    def not_done(self, command: WorkerCommand, reason: str, step: int) -> None:
        """Tell that a command could not be carried out, and why."""

    def paused(self, reason: str, step: int) -> None:
        """Tell that the training paused without being asked, and why."""

    def unsaved(self, reason: str) -> None:
        """Tell that the training stops without its newest steps, and why."""


class Lease(Protocol):
    """Whether this worker still owns its session."""

    @property
    def generation(self) -> int:
        """The number written into every row and checkpoint."""

    def check(self) -> None:
        """Raise LeaseLostError when a newer worker owns the session."""


class LeaseLostError(Exception):
    """Another generation owns the session; leave without writing."""


class SupervisorLostError(Exception):
    """The supervisor is gone; save between two batches and leave."""
