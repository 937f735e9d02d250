"""The engine's interfaces to its surroundings: Control, Sink and Lease.

They are all that a worker needs of its supervisor and of the place where a session is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position, Progress
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.profiles import Profile
    from mnist_tui.storage.worker_status import Activity
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class Control(Protocol):
    """Source of commands."""

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
    """Destination of everything that a training produces, and source of its checkpoints."""

    fingerprint: dict[str, Any]
    """Software, data and device of this worker, for every manifest; set before the training."""
    exit_message: str | None
    """Message for the session's row after the training, if any."""

    def restore(self, take: Callable[[bytes], None], max_bytes: int) -> tuple[str, ...] | None:
        """Restore the newest valid checkpoint.

        Args:
            take: Restores from a checkpoint's content; a CheckpointDamagedError that it raises
                makes the next older one be tried.
            max_bytes: Size that no checkpoint of this session exceeds; larger files are damaged.

        Returns:
            Notices about damaged checkpoints; None if the session has no checkpoint.

        Raises:
            StorageError: The checkpoints cannot be read, or all of them are damaged.
        """

    def ready(
        self, *, device: str, num_parameters: int, progress: Progress, notice: str | None
    ) -> None:
        """Report that everything is loaded and the first batch comes next.

        Args:
            device: As torch calls it.
            num_parameters: Weights of the network.
            progress: Where the training goes on.
            notice: What the user should know about it.
        """

    def log(self, text: str) -> None:
        """Write one line into the session's log; a log that cannot be written harms nothing."""

    def doing(self, activity: Activity, step: int) -> None:
        """Record the activity that begins now, after `step` optimiser steps, before every batch.

        It outlives a kill, and then reveals the last activity.
        """

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Append metric rows.

        Raises:
            DiskFullError: They may be handed over again, all of them.
        """

    def progress(self, progress: Progress) -> None:
        """Report the newest figures; may be dropped, the newest wins."""

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
        """Report that a checkpoint is durable."""

    def samples(self, samples: FixedImageAnswers) -> None:
        """Publish the model's current answers to a few images; the newest wins, any may be lost."""

    def evaluation(self, evaluation: Evaluation, predictions: Predictions) -> None:
        """Keep the model's answers to the whole test set; on failure set `exit_message`."""

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        """Keep the time profile of some batches in place of the previous one.

        Raises:
            StorageError: It cannot be kept.
        """

    def seen(self, command: WorkerCommand, step: int) -> None:
        """Report that a command was taken."""

    def done(self, command: WorkerCommand, step: int) -> None:
        """Report that a command was carried out."""

    def not_done(self, command: WorkerCommand, reason: str, step: int) -> None:
        """Report that a command could not be carried out, and why."""

    def paused(self, reason: str, step: int) -> None:
        """Report that the training paused by itself, and why."""


class Lease(Protocol):
    """Ownership of a session: at any time one worker, the one of the newest generation."""

    @property
    def generation(self) -> int:
        """The number written into every row and checkpoint."""

    def check(self) -> None:
        """Raise LeaseLostError when a newer worker owns the session."""


class LeaseLostError(Exception):
    """Another generation owns the session; leave without writing."""


class SupervisorLostError(Exception):
    """The supervisor is gone; save between two batches and leave."""
