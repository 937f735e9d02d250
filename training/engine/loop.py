"""Training loop: one unit of work at a time, and the commands that arrived between two of them.

It knows Control, Sink and Lease, and nothing of processes, files or screens. Everything that is no
part of training attaches as a hook.
"""

from __future__ import annotations

import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import DiskFullError
from mnist_tui.storage.worker_status import Activity
from mnist_tui.training.engine.command_handler import CommandHandler
from mnist_tui.training.engine.interfaces import SupervisorLostError
from mnist_tui.training.engine.non_finite_check import NotFiniteError
from mnist_tui.training.engine.run_recorder import RunRecorder
from mnist_tui.training.engine.scores import chunk_size
from mnist_tui.training.engine.training_state import Phase
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.throughput import Throughput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mnist_tui.storage.records import MetricRow
    from mnist_tui.training.engine.interfaces import Control, Lease, Sink
    from mnist_tui.training.engine.training_state import TrainingState

ACTIVITIES = {
    Phase.TRAIN: Activity.TRAINING,
    Phase.VALIDATE: Activity.VALIDATING,
    Phase.TEST: Activity.TESTING,
}


class DivergedError(ValueError):
    """A loss or gradient was not finite; the text is a sentence for the session's row."""


class Outcome(StrEnum):
    """Reason why a training left the loop."""

    FINISHED = "finished"
    STOPPED = "stopped"
    ORPHANED = "orphaned"


def train(
    run: TrainingState,
    control: Control,
    sink: Sink,
    lease: Lease,
    *,
    hooks: Iterable[Callable[[TrainingLoop], object]] = (),
    throughput: Throughput | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Train until the end, a stop, or the loss of the supervisor; a checkpoint exists then.

    A full disk pauses the training until it is resumed or stopped.

    Args:
        run: New, or restored from a checkpoint.
        control: Source of commands.
        sink: Destination of rows, figures and checkpoints.
        lease: Checked before each checkpoint.
        hooks: Each is called with the loop before it begins, and attaches to it.
        throughput: Meter of the speed, for a caller who needs it afterwards.
        clock: Monotonic seconds.

    Raises:
        LeaseLostError: A newer worker owns the session; nothing more was written.
        DivergedError: A loss or gradient was not finite; the last checkpoint is as it was.
    """
    loop = TrainingLoop(run, control, sink, lease, throughput or Throughput(), clock)
    for attach in hooks:
        attach(loop)
    run.restore_rng()
    try:
        try:
            return loop.run_until_done()
        except SupervisorLostError:
            with suppress(DiskFullError):  # no supervisor can make room
                loop.recorder.save("orphaned")
            return Outcome.ORPHANED
    except NotFiniteError as error:
        with suppress(DiskFullError):  # the checkpoint before it is safe
            loop.recorder.finish_save()
        loop.recorder.report(is_milestone=True)
        raise DivergedError(loop.recorder.divergence_message(error)) from error
    finally:
        loop.recorder.close()


class TrainingLoop:
    """The loop over the units of work of a training, and the points where hooks attach.

    A hook may wrap an entry of `units`, read the rows of `on_rows`, handle a command that leaves
    the training as it is (`commands.handlers`), and finish before a pause (`commands.on_pause`).
    """

    def __init__(
        self,
        run: TrainingState,
        control: Control,
        sink: Sink,
        lease: Lease,
        throughput: Throughput,
        clock: Callable[[], float],
    ) -> None:
        self.run = run
        self.sink = sink
        self.throughput = throughput
        self.clock = clock
        self.recorder = RunRecorder(run, sink, lease, throughput, clock)
        self.commands = CommandHandler(run, control, sink, self.recorder)
        self.units: dict[Phase, Callable[[], list[MetricRow]]] = {
            Phase.TRAIN: self.train_step,
            Phase.VALIDATE: self.evaluate_chunk,
            Phase.TEST: self.evaluate_chunk,
        }
        """The work of each phase; it returns the metric rows that it completes."""
        self.on_rows: list[Callable[[Phase, list[MetricRow]], None]] = []
        """Called with the phase and its rows before they are written."""

    def run_until_done(self) -> Outcome:
        """Run; when the disk is full, pause until there is room."""
        while True:
            try:
                return self.run_units()
            except DiskFullError as error:
                if self.commands.pause_for_disk(error) is Trigger.STOP:
                    return Outcome.STOPPED

    def run_units(self) -> Outcome:
        """Take a command, do one unit of work, record it; repeat until nothing is left."""
        while (phase := self.run.phase) is not Phase.DONE:
            command = self.commands.poll()
            if command is not None and self.commands.handle(command) is Trigger.STOP:
                return Outcome.STOPPED
            self.sink.doing(ACTIVITIES[phase], self.run.position.step)
            rows = self.units[phase]()
            if rows:
                for hook in self.on_rows:
                    hook(phase, rows)
            self.recorder.record(phase, rows)
        self.commands.finish_hooks()
        self.recorder.save("final")
        self.recorder.report(is_milestone=True)
        return Outcome.FINISHED

    def train_step(self) -> list[MetricRow]:
        """Do one training step, timed."""
        started_at = self.clock()
        rows = self.run.train_step()
        self.throughput.training.add(self.run.parameters.batch_size, self.clock() - started_at)
        return rows

    def evaluate_chunk(self) -> list[MetricRow]:
        """Score one chunk of images, timed."""
        started_at = self.clock()
        rows = self.run.evaluate_chunk()
        self.throughput.evaluation.add(chunk_size(self.run.device), self.clock() - started_at)
        return rows
