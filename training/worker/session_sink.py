"""Where a worker's training goes to: files of the session's folder, and the control pipe."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.evaluations import write_evaluation
from mnist_tui.storage.results.fixed_images import write_fixed_images
from mnist_tui.storage.results.profiles import write_profile
from mnist_tui.storage.worker_status import WorkerStatusWriter
from mnist_tui.training.protocol.worker_messages import (
    CheckpointSaved,
    Done,
    Evaluated,
    NotDone,
    Paused,
    Progressed,
    Seen,
)
from mnist_tui.training.worker.worker_log import WorkerLog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position, Progress
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.profiles import Profile
    from mnist_tui.storage.worker_status import Activity
    from mnist_tui.training.executors.pipe import Channel
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class SessionSink:
    """Puts rows and checkpoints into the session's folder and figures on the control pipe."""

    def __init__(self, channel: Channel, folder: Path, generation: int) -> None:
        self._channel = channel
        self._generation = generation
        self.checkpoints = CheckpointFolder(folder / folders.CHECKPOINTS)
        self.fingerprint: dict[str, Any] = {}
        """Written into every manifest; set once the device is chosen."""
        self.farewell: str | None = None
        """What the row should say once the training has left."""
        self._folder = folder
        self._metrics: MetricWriter | None = None
        self._whereabouts = WorkerStatusWriter(folder / folders.WHEREABOUTS)
        self.story = WorkerLog()

    def doing(self, activity: Activity, step: int) -> None:
        """Remember what begins now, where a kill cannot undo it."""
        self._whereabouts.write(activity, step)

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Append metric rows."""
        if self._metrics is None:
            self._metrics = MetricWriter(self._folder / folders.METRICS)
        self._metrics.append(rows)
        self.story.rows(rows)

    def progress(self, progress: Progress) -> None:
        """Tell the newest figures."""
        self._channel.send(Progressed(progress=progress))

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
        """Make metrics and checkpoint durable, in that order."""
        self._whereabouts.begin_save()
        try:
            return self._checkpoint(
                content, position, epoch=epoch, reason=reason, is_best=is_best, name=name
            )
        finally:
            self._whereabouts.end_save()

    def announce(self, info: CheckpointInfo) -> None:
        """Tell that a checkpoint is on disk."""
        self._channel.send(CheckpointSaved(info=info))
        self.story.saved(info)

    def samples(self, samples: FixedImageAnswers) -> None:
        """Replace the samples in the folder; they are only there to be looked at."""
        with suppress(OSError):
            write_fixed_images(self._folder, samples)

    def evaluation(self, evaluation: Evaluation, predictions: Predictions) -> None:
        """Store the evaluation; without room the session says so and ends as it would have."""
        try:
            write_evaluation(self._folder, evaluation, predictions)
        except StorageError as error:
            self.farewell = f"{error} `mnist-tui evaluate` scores it again."
            self.story.tell(self.farewell)
        else:
            self._channel.send(Evaluated(ece=evaluation.ece))

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        """Put the profile into the folder."""
        write_profile(self._folder, profile, trace)

    def seen(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was taken."""
        self._channel.send(Seen(number=command.number, step=step, time=utc_now()))

    def done(self, command: WorkerCommand, step: int) -> None:
        """Tell that a command was carried out."""
        self._channel.send(
            Done(number=command.number, action=command.action, step=step, time=utc_now())
        )
        self.story.tell(f"{command.action} done at step {step:,}")

    def not_done(self, command: WorkerCommand, reason: str, step: int) -> None:
        """Tell that a command could not be carried out."""
        self._channel.send(
            NotDone(
                number=command.number,
                action=command.action,
                step=step,
                reason=reason,
                time=utc_now(),
            )
        )

    def paused(self, reason: str, step: int) -> None:
        """Tell that the training paused without being asked."""
        self._channel.send(Paused(step=step, reason=reason))
        self.story.tell(f"paused: {reason}")

    def unsaved(self, reason: str) -> None:
        """Keep the reason for the last word."""
        self.farewell = reason

    def close(self) -> None:
        """Close the files."""
        self._whereabouts.close()
        if self._metrics is not None:
            self._metrics.close()

    def _checkpoint(self, content: bytes, position: Position, **told: Any) -> CheckpointInfo:
        if self._metrics is not None:
            self._metrics.sync()
        info = self.checkpoints.save(
            content,
            position=position,
            generation=self._generation,
            fingerprint=self.fingerprint,
            **told,
        )
        with suppress(StorageError):  # tried again after the next one
            self.checkpoints.prune()
        return info
