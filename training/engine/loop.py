"""The training loop: one unit of work at a time, and between two of them whatever was asked for.

It knows Control, Sink and Lease, and nothing of processes, files or screens.
"""

from __future__ import annotations

import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.storage.worker_status import Activity
from mnist_tui.training.engine.answer_recorder import AnswerRecorder
from mnist_tui.training.engine.checkpoint_writer import CheckpointWriter
from mnist_tui.training.engine.interfaces import SupervisorLostError
from mnist_tui.training.engine.non_finite_check import NotFiniteError
from mnist_tui.training.engine.profile_recorder import ProfileRecorder
from mnist_tui.training.engine.training_state import Phase
from mnist_tui.training.evaluation.scorer import chunk_size
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.throughput import Throughput

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position
    from mnist_tui.training.engine.interfaces import Control, Lease, Sink
    from mnist_tui.training.engine.training_state import TrainingState
    from mnist_tui.training.protocol.worker_messages import WorkerCommand

PROGRESS_INTERVAL_S = 0.3
"""So rarely that a screen has a third less to read, and still shows what is 1.3 s old at most."""

ACTIVITIES = {
    Phase.TRAIN: Activity.TRAINING,
    Phase.VALIDATE: Activity.VALIDATING,
    Phase.TEST: Activity.TESTING,
}


class DivergedError(ValueError):
    """A loss or gradient was not finite; the text is a sentence for the session's row."""


class Outcome(StrEnum):
    """How a training left the loop."""

    FINISHED = "finished"
    STOPPED = "stopped"
    ORPHANED = "orphaned"


def train(
    run: TrainingState,
    control: Control,
    sink: Sink,
    lease: Lease,
    *,
    pace: Throughput | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Train until the end, a stop, or the loss of the supervisor; a checkpoint exists then.

    A full disk pauses the training until it is resumed or stopped.

    Args:
        run: New, or restored from a checkpoint.
        control: Where commands come from.
        sink: Where rows, figures and checkpoints go to.
        lease: Asked before each checkpoint.
        pace: Where the speed is kept, for a caller who wants it afterwards.
        clock: Seconds that only grow.

    Raises:
        LeaseLostError: A newer worker owns the session; nothing more was written.
        DivergedError: A loss or gradient was not finite; the last checkpoint is as it was.
    """
    engine = _Engine(run, control, sink, lease, pace or Throughput(), clock)
    run.restore_rng()
    try:
        try:
            return engine.work_to_the_end()
        except SupervisorLostError:
            with suppress(DiskFullError):  # nobody is left to make room
                engine.save("orphaned")
            return Outcome.ORPHANED
    except NotFiniteError as error:
        with suppress(DiskFullError):  # the one before is safe then
            engine.finish_save()
        engine.tell(is_milestone=True)
        raise DivergedError(engine.story_of(error)) from error
    finally:
        engine.saver.close()


class _Engine:
    def __init__(
        self,
        run: TrainingState,
        control: Control,
        sink: Sink,
        lease: Lease,
        pace: Throughput,
        clock: Callable[[], float],
    ) -> None:
        self.run = run
        self.control = control
        self.sink = sink
        self.lease = lease
        self.pace = pace
        self.clock = clock
        self.saver = CheckpointWriter(sink, lease)
        self.answers = AnswerRecorder(run, sink, clock)
        self.profiles = ProfileRecorder(run, sink, pace)
        self.saved_position: Position | None = run.restored_position
        self.saved_at = self.told_at = clock()
        self.unwritten: list[MetricRow] = []
        """Rows that the sink has not taken yet."""
        self.shortage: str | None = None
        """A sentence, while the training is paused because there is no room to save it."""

    def work_to_the_end(self) -> Outcome:
        """Work; when the disk is full, pause until there is room."""
        while True:
            try:
                return self.work()
            except DiskFullError as error:
                self.begin_shortage(error)
                if self.obey(self.wait()) is Trigger.STOP:
                    return Outcome.STOPPED

    def work(self) -> Outcome:
        """Take a command, do one unit of work, tell, save; again until nothing is left."""
        while (phase := self.run.phase) is not Phase.DONE:
            command = self.poll()
            if command is not None and self.obey(command) is Trigger.STOP:
                return Outcome.STOPPED
            self.sink.doing(ACTIVITIES[phase], self.run.position.step)
            rows = self.train() if phase is Phase.TRAIN else self.evaluate()
            if rows:
                self.unwritten += rows
                self.answers.keep(phase, rows)
                self.write_rows()
            self.tell(is_milestone=bool(rows) and rows[-1].epoch.is_integer())
            if self.saver.is_ready:
                self.finish_save()
            if reason := self.due_checkpoint(phase):
                self.begin_save(reason)
        self.profiles.end()
        self.save("final")
        self.tell(is_milestone=True)
        return Outcome.FINISHED

    def train(self) -> list[MetricRow]:
        """Do one training step, timed; a profile would make the session look slow."""
        if self.profiles.is_wanted:
            return self.profiles.train_step(self.saved_at)
        started_at = self.clock()
        rows = self.run.train_step()
        self.pace.training.add(self.run.parameters.batch_size, self.clock() - started_at)
        return rows

    def evaluate(self) -> list[MetricRow]:
        """Score one chunk of images, timed."""
        started_at = self.clock()
        rows = self.run.evaluate_chunk()
        took_s = self.clock() - started_at
        self.pace.evaluation.add(chunk_size(self.run.device), took_s)
        self.answers.took(took_s)
        return rows

    def obey(self, command: WorkerCommand) -> Trigger:
        """Carry a command out and return what to do next: RESUME or STOP; a pause lasts in here."""
        self.profiles.end()
        while True:
            self.sink.seen(command, self.run.position.step)
            if command.action is not Trigger.RESUME or self.shortage:
                self.try_to_save(command.action)
            self.sink.done(command, self.run.position.step)
            is_over = command.action is Trigger.RESUME and not self.shortage
            if is_over or command.action is Trigger.STOP:
                self.saved_at = self.clock()
                return command.action
            command = self.wait()

    def poll(self) -> WorkerCommand | None:
        """Return the next command that is there, if any; what is done aside is done on the way."""
        while (command := self.control.poll()) is not None:
            if not self.does_aside(command, is_training=True):
                return command
        return None

    def wait(self) -> WorkerCommand:
        """Wait for the next command and return it; what is done aside is done on the way."""
        while True:
            self.sink.doing(Activity.PAUSED, self.run.position.step)
            command = self.control.wait()
            if not self.does_aside(command, is_training=False):
                return command

    def does_aside(self, command: WorkerCommand, *, is_training: bool) -> bool:
        """Return whether a command leaves the training as it is; if so, carry it out."""
        if command.action is Trigger.SNAPSHOT:
            self.take_snapshot(command)
        elif command.action is Trigger.PROFILE:
            self.profiles.begin(command, is_training=is_training)
        return command.action in (Trigger.SNAPSHOT, Trigger.PROFILE)

    def take_snapshot(self, command: WorkerCommand) -> None:
        """Save under a name; where that cannot be, say so and go on as before."""
        step = self.run.position.step
        self.sink.seen(command, step)
        try:
            self.write_rows()
            self.finish_save()
            self.write_checkpoint(command.action.value, command.name)
        except DiskFullError as error:
            self.sink.not_done(command, self.trouble(error), step)
        except StorageError as error:
            self.sink.not_done(command, str(error).removesuffix("."), step)
        else:
            self.sink.done(command, step)

    def try_to_save(self, action: Trigger) -> None:
        """Save on a command; where there is no room, say so."""
        try:
            self.save(action.value)
        except DiskFullError as error:
            if action is Trigger.STOP:
                self.sink.unsaved(f"{self.trouble(error)}; {self.safe}")
            else:
                self.begin_shortage(error)
        else:
            self.shortage = None
            self.tell(is_milestone=True)

    def begin_shortage(self, error: DiskFullError) -> None:
        """Tell that the training is paused until there is room."""
        self.profiles.end()
        step = self.run.position.step
        self.shortage = (
            f"{self.trouble(error)}; training is paused at step {step:,}, {self.safe};"
            " make room and resume"
        )
        self.tell(is_milestone=True)
        self.sink.paused(self.shortage, step)

    def trouble(self, error: DiskFullError) -> str:
        """Return what there is no room for, and where, as half a sentence."""
        what = str(error).partition(";")[0]
        needed = f", which needs {_size(error.num_bytes)}" if error.num_bytes else ""
        return f"disk full: {what[:1].lower()}{what[1:]}{needed}"

    @property
    def safe(self) -> str:
        """What is on disk whatever happens, as half a sentence."""
        if self.saved_position is None:
            return "nothing was saved before"
        return f"checkpoint {self.saved_position.step:,} is safe"

    def story_of(self, error: NotFiniteError) -> str:
        """Return what went wrong at which batch, what is safe, and what to do."""
        epoch, batch = divmod(error.step, self.run.steps_per_epoch)
        return (
            f"{error.what} at batch {batch + 1:,} of epoch {epoch + 1:,} (step {error.step + 1:,});"
            f" {self.safe}; lower the learning rate"
        )

    def write_rows(self) -> None:
        """Hand the sink every row that it has not taken yet."""
        if self.unwritten:
            self.sink.rows(self.unwritten)
            self.unwritten = []

    def tell(self, *, is_milestone: bool) -> None:
        """Send the newest figures, at most a few times a second between milestones."""
        now = self.clock()
        if is_milestone or now - self.told_at >= PROGRESS_INTERVAL_S:
            self.told_at = now
            self.sink.progress(self.run.progress(self.pace))

    def due_checkpoint(self, phase: Phase) -> str | None:
        """Return why a checkpoint is due after a unit of `phase`, or None."""
        is_time = self.clock() - self.saved_at >= self.run.parameters.checkpoint_every
        if phase is Phase.TRAIN and is_time:
            return "periodic"
        if phase is Phase.VALIDATE and self.run.is_best:
            return "best"
        return None

    def begin_save(self, reason: str) -> None:
        """Make rows and a checkpoint durable while the training goes on, unless one is there."""
        self.write_rows()
        self.finish_save()
        if self.saved_position != self.run.position:
            self.saver.begin(self.run, reason)
            self.saved_at = self.clock()

    def finish_save(self) -> None:
        """Wait for the checkpoint that is being written, if any."""
        if info := self.saver.finish():
            self.on_saved(info)

    def save(self, reason: str) -> None:
        """Make rows and a checkpoint durable, unless this position has one."""
        self.write_rows()
        self.finish_save()
        if self.saved_position != self.run.position:
            self.write_checkpoint(reason)

    def write_checkpoint(self, reason: str, name: str = "") -> None:
        """Make a checkpoint of this position durable."""
        self.sink.doing(Activity.SAVING, self.run.position.step)
        self.on_saved(self.saver.save(self.run, reason, name))
        self.saved_at = self.clock()

    def on_saved(self, info: CheckpointInfo) -> None:
        """Tell of a checkpoint that is on disk."""
        self.saved_position = info.position
        self.sink.announce(info)


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.1f} MB" if num_bytes >= 1e6 else f"{-(-num_bytes // 1000)} kB"
