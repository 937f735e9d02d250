"""A local worker's sink and lease: the session's folder, the log, and reports on the pipe."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.evaluations import write_evaluation
from mnist_tui.storage.results.fixed_images import write_fixed_images
from mnist_tui.storage.results.profiles import write_profile
from mnist_tui.storage.worker_status import WorkerStatusWriter
from mnist_tui.training.engine.interfaces import LeaseLostError
from mnist_tui.training.protocol.worker_messages import (
    CheckpointSaved,
    Done,
    Evaluated,
    NotDone,
    Paused,
    Progressed,
    Ready,
    Seen,
)
from mnist_tui.training.sessions.percent import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position, Progress
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.storage.results.fixed_images import FixedImageAnswers
    from mnist_tui.storage.results.profiles import Profile
    from mnist_tui.storage.worker_status import Activity
    from mnist_tui.training.executors.channel import Channel
    from mnist_tui.training.protocol.worker_messages import WorkerCommand


class SessionSink:
    """The sink of a local worker: rows, checkpoints and results in files, figures on the pipe."""

    def __init__(self, channel: Channel, folder: Path, generation: int) -> None:
        self.fingerprint: dict[str, Any] = {}
        self.exit_message: str | None = None
        self._channel = channel
        self._folder = folder
        self._generation = generation
        self._checkpoints = CheckpointFolder(folder / folders.CHECKPOINTS)
        self._metrics: MetricWriter | None = None
        self._status = WorkerStatusWriter(folder / folders.WHEREABOUTS)
        self._log = WorkerLog()

    def restore(self, take: Callable[[bytes], None], max_bytes: int) -> tuple[str, ...] | None:
        """Restore the newest valid checkpoint; return notices, or None if there is no checkpoint.

        Raises:
            StorageError: The checkpoints cannot be read, or all of them are damaged.
        """
        self._checkpoints.max_bytes = max_bytes
        loaded = self._checkpoints.newest_valid(take)
        return None if loaded is None else tuple(loaded.notices)

    def ready(
        self, *, device: str, num_parameters: int, progress: Progress, notice: str | None
    ) -> None:
        """Report that everything is loaded and the first batch comes next."""
        self._channel.send(
            Ready(
                device=device,
                num_parameters=num_parameters,
                fingerprint=self.fingerprint,
                progress=progress,
                notice=notice,
            )
        )

    def log(self, text: str) -> None:
        """Write one line with the time into the worker's log."""
        self._log.log(text)

    def doing(self, activity: Activity, step: int) -> None:
        """Record the activity that begins now, where a kill cannot undo it."""
        self._status.write(activity, step)

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Append metric rows."""
        if self._metrics is None:
            self._metrics = MetricWriter(self._folder / folders.METRICS)
        self._metrics.append(rows)
        self._log.rows(rows)

    def progress(self, progress: Progress) -> None:
        """Report the newest figures."""
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
        self._status.begin_save()
        try:
            if self._metrics is not None:
                self._metrics.sync()
            info = self._checkpoints.save(
                content,
                position=position,
                generation=self._generation,
                fingerprint=self.fingerprint,
                epoch=epoch,
                reason=reason,
                is_best=is_best,
                name=name,
            )
            with suppress(StorageError):  # tried again after the next one
                self._checkpoints.prune()
            return info
        finally:
            self._status.end_save()

    def announce(self, info: CheckpointInfo) -> None:
        """Report that a checkpoint is durable."""
        self._channel.send(CheckpointSaved(info=info))
        self._log.checkpoint(info)

    def samples(self, samples: FixedImageAnswers) -> None:
        """Replace the answers to the fixed images; they are only there to be looked at."""
        with suppress(OSError):
            write_fixed_images(self._folder, samples)

    def evaluation(self, evaluation: Evaluation, predictions: Predictions) -> None:
        """Store the evaluation; without room the row says so, and the session ends as usual."""
        try:
            write_evaluation(self._folder, evaluation, predictions)
        except StorageError as error:
            self.exit_message = f"{error} `mnist-tui evaluate` scores it again."
            self.log(self.exit_message)
        else:
            self._channel.send(Evaluated(ece=evaluation.ece))

    def profile(self, profile: Profile, trace: bytes | None) -> None:
        """Replace the profile in the folder."""
        write_profile(self._folder, profile, trace)

    def seen(self, command: WorkerCommand, step: int) -> None:
        """Report that a command was taken."""
        self._channel.send(Seen(number=command.number, step=step, time=utc_now()))

    def done(self, command: WorkerCommand, step: int) -> None:
        """Report that a command was carried out."""
        self._channel.send(
            Done(number=command.number, action=command.action, step=step, time=utc_now())
        )
        self.log(f"{command.action} done at step {step:,}")

    def not_done(self, command: WorkerCommand, reason: str, step: int) -> None:
        """Report that a command could not be carried out."""
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
        """Report that the training paused by itself."""
        self._channel.send(Paused(step=step, reason=reason))
        self.log(f"paused: {reason}")

    def close(self) -> None:
        """Close the files."""
        self._status.close()
        if self._metrics is not None:
            self._metrics.close()


class WorkerLog:
    """A worker's log on standard output: starts, epochs, checkpoints and commands, no batches."""

    def __init__(self) -> None:
        self._train: MetricRow | None = None
        """Newest training row that no line was written for."""

    def log(self, text: str) -> None:
        """Write one line with the time; a log that cannot be written harms nothing."""
        sys.stdout.write(f"{utc_now()}  {text}\n")

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Log each epoch once, with its validation if there is one, and the test."""
        for row in rows:
            match row.split:
                case "train":
                    self._log_epoch()
                    self._train = row
                case "val":
                    train = f"train {_scores(self._train)}, " if self._train else ""
                    self.log(f"epoch {row.epoch:g}: {train}validation {_scores(row)}")
                    self._train = None
                case "test":
                    self._log_epoch()
                    self.log(f"test {_scores(row)} with the weights of step {row.step:,}")

    def checkpoint(self, info: CheckpointInfo) -> None:
        """Log a checkpoint."""
        name = f" {info.name}" if info.name else ""
        best = ", the best so far" if info.is_best and info.reason != "best" else ""
        self.log(
            f"checkpoint{name} of step {info.position.step:,} ({info.reason}{best}):"
            f" {info.file}, {info.num_bytes / 1e6:.1f} MB"
        )

    def _log_epoch(self) -> None:
        if self._train is not None and self._train.epoch.is_integer():
            self.log(f"epoch {self._train.epoch:g}: train {_scores(self._train)}")
            self._train = None


def _scores(row: MetricRow | None) -> str:
    if row is None or row.loss is None or row.accuracy is None:
        return "without figures"
    return f"loss {row.loss:.4f}, accuracy {percent(row.accuracy)} %"


class FolderLease:
    """The lease of a local worker: the record's copy in the folder names the newest generation."""

    def __init__(self, folder: Path, generation: int) -> None:
        self._copy = folder / folders.SESSION_COPY
        self.generation = generation

    def check(self) -> None:
        """Raise LeaseLostError if the record names a newer generation."""
        try:
            content = self._copy.read_bytes()
        except FileNotFoundError:
            raise StorageError(
                f"The session's folder {self._copy.parent} is gone; nothing more can be saved."
            ) from None
        if msgspec.json.decode(content, type=_Owner).generation > self.generation:
            raise LeaseLostError


class _Owner(msgspec.Struct):
    generation: int
