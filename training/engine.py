"""The training loop: one unit of work at a time, and between two of them whatever was asked for.

It knows Control, Sink and Lease, and nothing of processes, files or screens.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

from training.contracts import SupervisorLostError
from training.lifecycle import Trigger
from training.pace import Pace
from training.run import EVALUATION_CHUNK, Phase
from training.snapshot import capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.records import MetricRow, Position
    from training.contracts import Control, Lease, Sink
    from training.protocol import WorkerCommand
    from training.run import Run

PROGRESS_INTERVAL_S = 0.2


class Outcome(StrEnum):
    """How a training left the loop."""

    FINISHED = "finished"
    STOPPED = "stopped"
    ORPHANED = "orphaned"


def train(
    run: Run,
    control: Control,
    sink: Sink,
    lease: Lease,
    *,
    pace: Pace | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Train until the end, a stop, or the loss of the supervisor; a checkpoint exists then.

    Args:
        run: New, or restored from a checkpoint.
        control: Where commands come from.
        sink: Where rows, figures and checkpoints go to.
        lease: Asked before each checkpoint.
        pace: Where the speed is kept, for a caller who wants it afterwards.
        clock: Seconds that only grow.

    Raises:
        LeaseLostError: A newer worker owns the session; nothing more was written.
    """
    engine = _Engine(run, control, sink, lease, pace or Pace(), clock)
    run.restore_rng()
    try:
        return engine.work_to_the_end()
    except SupervisorLostError:
        engine.save("orphaned")
        return Outcome.ORPHANED


class _Engine:
    def __init__(
        self,
        run: Run,
        control: Control,
        sink: Sink,
        lease: Lease,
        pace: Pace,
        clock: Callable[[], float],
    ) -> None:
        self.run = run
        self.control = control
        self.sink = sink
        self.lease = lease
        self.pace = pace
        self.clock = clock
        self.saved_position: Position | None = run.restored_position
        self.saved_at = self.told_at = clock()

    def work_to_the_end(self) -> Outcome:
        """Take a command, do one unit of work, tell, save; again until nothing is left."""
        while (phase := self.run.phase) is not Phase.DONE:
            command = self.control.poll()
            if command is not None and self.obey(command) is Trigger.STOP:
                return Outcome.STOPPED
            rows = self.train() if phase is Phase.TRAIN else self.evaluate()
            if rows:
                self.sink.rows(rows)
            self.tell(is_milestone=bool(rows) and rows[-1].epoch.is_integer())
            if reason := self.due_checkpoint(phase):
                self.save(reason)
        self.save("final")
        self.tell(is_milestone=True)
        return Outcome.FINISHED

    def train(self) -> list[MetricRow]:
        """Do one training step, timed."""
        started_at = self.clock()
        rows = self.run.train_step()
        self.pace.training.add(self.run.parameters.batch_size, self.clock() - started_at)
        return rows

    def evaluate(self) -> list[MetricRow]:
        """Score one chunk of images, timed."""
        started_at = self.clock()
        rows = self.run.evaluate_chunk()
        self.pace.evaluation.add(EVALUATION_CHUNK, self.clock() - started_at)
        return rows

    def obey(self, command: WorkerCommand) -> Trigger:
        """Carry a command out and return what to do next: RESUME or STOP; a pause lasts in here."""
        while True:
            self.sink.seen(command, self.run.position.step)
            if command.action is not Trigger.RESUME:
                self.save(command.action.value)
                self.tell(is_milestone=True)
            self.sink.done(command, self.run.position.step)
            if command.action is not Trigger.PAUSE:
                self.saved_at = self.clock()
                return command.action
            command = self.control.wait()

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

    def save(self, reason: str) -> None:
        """Make a checkpoint durable, unless this position has one."""
        if self.saved_position == self.run.position:
            return
        self.lease.check()
        self.sink.checkpoint(
            capture(self.run),
            self.run.position,
            epoch=self.run.epoch,
            reason=reason,
            is_best=self.run.is_best,
        )
        self.saved_position = self.run.position
        self.saved_at = self.clock()
