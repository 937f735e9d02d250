"""Records of a run on their way to the sink: metric rows, figures and checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.worker_status import Activity
from mnist_tui.training.engine.checkpoint_writer import CheckpointWriter
from mnist_tui.training.engine.training_state import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.errors import DiskFullError
    from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position
    from mnist_tui.training.engine.interfaces import Lease, Sink
    from mnist_tui.training.engine.non_finite_check import NotFiniteError
    from mnist_tui.training.engine.training_state import TrainingState
    from mnist_tui.training.sessions.throughput import Throughput

PROGRESS_INTERVAL_S = 0.3
"""A screen reads a third less than at 0.2 s, and what it shows is at most 1.3 s old."""


class RunRecorder:
    """Writes what a run makes, and knows what is on disk.

    Its methods raise DiskFullError if there is no room; unwritten rows are then kept and written
    the next time.
    """

    def __init__(
        self,
        run: TrainingState,
        sink: Sink,
        lease: Lease,
        throughput: Throughput,
        clock: Callable[[], float],
    ) -> None:
        self._run = run
        self._sink = sink
        self._throughput = throughput
        self._clock = clock
        self._writer = CheckpointWriter(sink, lease)
        self._saved_position: Position | None = run.restored_position
        self.saved_at = self._reported_at = clock()
        """The time from which the interval to the next periodic checkpoint counts."""
        self._unwritten: list[MetricRow] = []

    def record(self, phase: Phase, rows: Sequence[MetricRow]) -> None:
        """Write the rows of a unit of work in `phase`, report figures, and save if that is due."""
        if rows:
            self._unwritten += rows
            self.write_rows()
        self.report(is_milestone=bool(rows) and rows[-1].epoch.is_integer())
        if self._writer.is_ready:
            self.finish_save()
        if reason := self._due_checkpoint(phase):
            self._begin_save(reason)

    def write_rows(self) -> None:
        """Send the sink every row that it does not have yet."""
        if self._unwritten:
            self._sink.rows(self._unwritten)
            self._unwritten = []

    def report(self, *, is_milestone: bool) -> None:
        """Report the newest figures, at most a few times a second between milestones."""
        now = self._clock()
        if is_milestone or now - self._reported_at >= PROGRESS_INTERVAL_S:
            self._reported_at = now
            self._sink.progress(self._run.progress(self._throughput))

    def save(self, reason: str) -> None:
        """Make rows and a checkpoint durable, unless this position has one."""
        self.write_rows()
        self.finish_save()
        if self._saved_position != self._run.position:
            self._write_checkpoint(reason)

    def save_named(self, reason: str, name: str) -> None:
        """Make rows and a checkpoint with a name durable, even if this position has one."""
        self.write_rows()
        self.finish_save()
        self._write_checkpoint(reason, name)

    def finish_save(self) -> None:
        """Wait for the checkpoint that is being written, if any."""
        if info := self._writer.finish():
            self._announce(info)

    def restart_interval(self) -> None:
        """Count the interval to the next periodic checkpoint from now."""
        self.saved_at = self._clock()

    def close(self) -> None:
        """Wait for the checkpoint that is being written, whether it succeeds or not."""
        self._writer.close()

    @property
    def last_checkpoint_text(self) -> str:
        """Describe the newest checkpoint on disk, as a clause."""
        if self._saved_position is None:
            return "nothing was saved before"
        return f"checkpoint {self._saved_position.step:,} is safe"

    def divergence_message(self, error: NotFiniteError) -> str:
        """Return what went wrong at which batch, what is safe, and what to do."""
        epoch, batch = divmod(error.step, self._run.steps_per_epoch)
        return (
            f"{error.what} at batch {batch + 1:,} of epoch {epoch + 1:,} (step {error.step + 1:,});"
            f" {self.last_checkpoint_text}; lower the learning rate"
        )

    def _due_checkpoint(self, phase: Phase) -> str | None:
        """Return the reason for a checkpoint after a unit of `phase`, or None."""
        is_time = self._clock() - self.saved_at >= self._run.parameters.checkpoint_every
        if phase is Phase.TRAIN and is_time:
            return "periodic"
        if phase is Phase.VALIDATE and self._run.is_best:
            return "best"
        return None

    def _begin_save(self, reason: str) -> None:
        """Make rows durable, and a checkpoint while the training continues, unless there is one."""
        self.write_rows()
        self.finish_save()
        if self._saved_position != self._run.position:
            self._writer.begin(self._run, reason)
            self.restart_interval()

    def _write_checkpoint(self, reason: str, name: str = "") -> None:
        self._sink.doing(Activity.SAVING, self._run.position.step)
        self._announce(self._writer.save(self._run, reason, name))
        self.restart_interval()

    def _announce(self, info: CheckpointInfo) -> None:
        self._saved_position = info.position
        self._sink.announce(info)


def disk_full_message(error: DiskFullError) -> str:
    """Return what there is no room for, and where, as a clause."""
    failure = str(error).partition(";")[0]
    needed = f", which needs {_size(error.num_bytes)}" if error.num_bytes else ""
    return f"disk full: {failure[:1].lower()}{failure[1:]}{needed}"


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.1f} MB" if num_bytes >= 1e6 else f"{-(-num_bytes // 1000)} kB"
