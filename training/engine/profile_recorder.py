"""A profile that somebody asked for: the next batches are measured, and what they took is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.profiles import Profile

if TYPE_CHECKING:
    from mnist_tui.storage.records import MetricRow, Position
    from mnist_tui.training.engine.interfaces import Sink
    from mnist_tui.training.engine.step_profiler import StepProfiler
    from mnist_tui.training.engine.training_state import TrainingState
    from mnist_tui.training.protocol.worker_messages import WorkerCommand
    from mnist_tui.training.sessions.throughput import Throughput

MAX_OPERATORS = 40
IS_PAUSED = "it is paused; resume it, then ask again"
TOO_FEW = "it trained on too few batches after that; ask again while it trains"
UNDER_WAY = "it is being profiled already; try again in a moment"


class ProfileRecorder:
    """Takes the order for a profile, has the steps measured, and hands the sink the result."""

    def __init__(self, run: TrainingState, sink: Sink, pace: Throughput) -> None:
        self._run = run
        self._sink = sink
        self._pace = pace
        self._command: WorkerCommand | None = None
        self._profiler: StepProfiler | None = None
        self._usual_batch_s: float | None = None
        self._left: tuple[Position, float] | None = None
        """Where the last profiled step left the training, and the time of its last checkpoint."""

    @property
    def is_wanted(self) -> bool:
        """Whether the next step is to be profiled."""
        return self._profiler is not None

    def begin(self, command: WorkerCommand, *, is_training: bool) -> None:
        """Take an order: unless the training is paused, `train_step` is to do the next steps."""
        step = self._run.position.step
        self._sink.seen(command, step)
        if self._command is not None or not is_training:
            self._sink.not_done(command, UNDER_WAY if is_training else IS_PAUSED, step)
            return
        from mnist_tui.training.engine.step_profiler import StepProfiler  # noqa: PLC0415 — few ever ask

        rate = self._pace.training.images_per_s
        self._usual_batch_s = self._run.parameters.batch_size / rate if rate else None
        self._command, self._profiler = command, StepProfiler(self._run)
        self._left = None

    def train_step(self, saved_at: float) -> list[MetricRow]:
        """Do one training step, measured; with the last one the profile is kept.

        Args:
            saved_at: When the newest checkpoint was begun.

        Raises:
            NotFiniteError: As `TrainingState.train_step`.
        """
        assert self._command is not None, "it was asked for"
        assert self._profiler is not None, "it was asked for"
        # Neither an evaluation nor a checkpoint is what a batch takes.
        is_next = (self._run.position, saved_at) == self._left
        rows = self._profiler.train_step(is_next=is_next)
        self._left = self._run.position, saved_at
        if self._profiler.totals.num_batches == self._command.num_batches:
            self.end()
        return rows

    def end(self) -> None:
        """Keep what has been measured, should a profile be under way; the training goes on."""
        command, profiler = self._command, self._profiler
        if command is None or profiler is None:
            return
        self._command = self._profiler = None
        step = self._run.position.step
        if not profiler.totals.num_batches:
            self._sink.not_done(command, TOO_FEW, step)
            return
        try:
            trace = profiler.trace() if command.is_traced else None
            self._sink.profile(self._profile(profiler, has_trace=trace is not None), trace)
        except StorageError as error:
            self._sink.not_done(command, str(error).removesuffix("."), step)
        except OSError as error:
            self._sink.not_done(command, f"its trace cannot be written ({reason(error)})", step)
        else:
            self._sink.done(command, step)

    def _profile(self, profiler: StepProfiler, *, has_trace: bool) -> Profile:
        run, totals = self._run, profiler.totals
        parts, operators = totals.part_costs(), totals.operator_costs()
        return Profile(
            step=run.position.step,
            num_batches=totals.num_batches,
            batch_size=run.parameters.batch_size,
            device=str(run.device),
            threads=run.parameters.threads,
            batch_s=sum(part.wall_s for part in parts),
            usual_batch_s=self._usual_batch_s,
            cpu_s=totals.cpu_s / totals.num_batches,
            peak_memory_bytes=run.memory.num_bytes(run.device),
            parts=parts,
            operators=tuple(operators[:MAX_OPERATORS]),
            num_operators=len(operators),
            has_trace=has_trace,
            created_at=utc_now(),
            generation=run.generation,
        )
