"""Profiles on request: a hook that measures the next training steps and stores their costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.results.profiles import Profile
from mnist_tui.training.engine.training_state import Phase
from mnist_tui.training.sessions.lifecycle import Trigger

if TYPE_CHECKING:
    from mnist_tui.storage.records import MetricRow, Position
    from mnist_tui.training.benchmark.step_profiler import StepProfiler
    from mnist_tui.training.engine.loop import TrainingLoop
    from mnist_tui.training.protocol.worker_messages import WorkerCommand

MAX_OPERATORS = 40
IS_PAUSED = "it is paused; resume it, then ask again"
TOO_FEW = "it trained on too few batches after that; ask again while it trains"
UNDER_WAY = "it is being profiled already; try again in a moment"


class ProfileRecorder:
    """Handles the command for a profile, has the steps measured, and sends the sink the result."""

    def __init__(self, loop: TrainingLoop) -> None:
        """Attach to a training."""
        self._loop = loop
        self._run = loop.run
        self._sink = loop.sink
        self._plain_unit = loop.units[Phase.TRAIN]
        self._command: WorkerCommand | None = None
        self._profiler: StepProfiler | None = None
        self._usual_batch_s: float | None = None
        self._left: tuple[Position, float] | None = None
        """The position after the last profiled step, and the time of its last checkpoint."""
        loop.commands.handlers[Trigger.PROFILE] = self._begin
        loop.commands.on_pause.append(self._end)

    def _begin(self, command: WorkerCommand, *, is_training: bool) -> None:
        """Have the next steps measured, unless the training is paused."""
        step = self._run.position.step
        self._sink.seen(command, step)
        if self._command is not None or not is_training:
            self._sink.not_done(command, UNDER_WAY if is_training else IS_PAUSED, step)
            return
        from mnist_tui.training.benchmark.step_profiler import StepProfiler  # noqa: PLC0415 — torch.profiler, 50 ms

        rate = self._loop.throughput.training.images_per_s
        self._usual_batch_s = self._run.parameters.batch_size / rate if rate else None
        self._command, self._profiler = command, StepProfiler(self._run)
        self._left = None
        self._plain_unit = self._loop.units[Phase.TRAIN]
        self._loop.units[Phase.TRAIN] = self._train_step

    def _train_step(self) -> list[MetricRow]:
        """Do one training step, measured and left out of the throughput; end with the last one.

        Raises:
            NotFiniteError: As `TrainingState.train_step`.
        """
        assert self._command is not None, "a profile is under way"
        assert self._profiler is not None, "a profile is under way"
        # Neither an evaluation nor a checkpoint counts as time between two batches.
        state = self._run.position, self._loop.recorder.saved_at
        rows = self._profiler.train_step(is_next=state == self._left)
        self._left = self._run.position, self._loop.recorder.saved_at
        if self._profiler.totals.num_batches == self._command.num_batches:
            self._end()
        return rows

    def _end(self) -> None:
        """Store what has been measured, if a profile is under way; the training continues."""
        command, profiler = self._command, self._profiler
        if command is None or profiler is None:
            return
        self._command = self._profiler = None
        self._loop.units[Phase.TRAIN] = self._plain_unit
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
