"""Costs of training steps by part and by operator, measured with torch's profiler.

Each step is profiled on its own: the events of one step are few, those of all would take hundreds
of megabytes with a deep network, and nothing but training steps is among them.
"""

from __future__ import annotations

import os
import tempfile
import time
from bisect import bisect_right
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch.autograd import DeviceType  # type: ignore[attr-defined]
from torch.profiler import ProfilerActivity, profile, record_function

from mnist_tui.storage.results.profiles import OperatorCost, PartCost
from mnist_tui.training.sessions.step_parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch.autograd.profiler_util import FunctionEvent

    from mnist_tui.storage.records import MetricRow
    from mnist_tui.training.engine.training_state import TrainingState

PREFIX = "mnist-tui: "
"""Prefix of the names of our marks."""
MEMORY_EVENT = "[memory]"
"""Memory allocated or freed outside every operator."""
NUM_WARM_UP = 2
"""Steps that are profiled but do not count: the profiler's first ones are slow."""
MICROSECOND = 1e-6

# One line on each start and stop would fill the worker's log.
os.environ.setdefault("KINETO_LOG_LEVEL", "99")


@dataclass
class _Cost:
    calls: int = 0
    cpu_s: float = 0.0
    """By the clock for a part, without the operators it calls for an operator."""
    device_s: float = 0.0
    memory_bytes: int = 0


@dataclass
class Totals:
    """Costs of the steps that count so far."""

    num_batches: int = 0
    cpu_s: float = 0.0
    parts: defaultdict[Part, _Cost] = field(default_factory=lambda: defaultdict(_Cost))
    operators: defaultdict[str, _Cost] = field(default_factory=lambda: defaultdict(_Cost))

    def part_costs(self) -> tuple[PartCost, ...]:
        """Return each part that occurred for one batch, in the order of a step."""
        return tuple(
            PartCost(
                part=part.value,
                wall_s=cost.cpu_s / self.num_batches,
                device_s=cost.device_s / self.num_batches,
                memory_bytes=round(cost.memory_bytes / self.num_batches),
            )
            for part in Part
            if (cost := self.parts.get(part)) is not None
        )

    def operator_costs(self) -> list[OperatorCost]:
        """Return each operator for one batch, those that take the most time first."""
        costs = [
            OperatorCost(
                name=name,
                calls=cost.calls / self.num_batches,
                cpu_s=cost.cpu_s / self.num_batches,
                device_s=cost.device_s / self.num_batches,
                memory_bytes=round(cost.memory_bytes / self.num_batches),
            )
            for name, cost in self.operators.items()
        ]
        return sorted(costs, key=lambda cost: (-cost.device_s, -cost.cpu_s, cost.name))


class StepProfiler:
    """Runs and profiles training steps without changing their result."""

    def __init__(self, run: TrainingState) -> None:
        self._run = run
        self._profiler: profile | None = None
        self._num_done = 0
        self._between: float | None = None
        self.totals = Totals()

    def train_step(self, *, is_next: bool) -> list[MetricRow]:
        """Train on the next batch and add its costs to the totals.

        Args:
            is_next: True if the worker has done nothing but training steps since the last one.

        Raises:
            NotFiniteError: As `TrainingState.train_step`.
        """
        began_at = time.perf_counter()
        activities = [ProfilerActivity.CPU]
        if self._run.device.type == "cuda":
            activities.append(ProfilerActivity.CUDA)
        profiler = profile(activities=activities, profile_memory=True, acc_events=True)
        with profiler, _PartMarks(self._run):
            cpu_began_s = time.process_time()
            rows = self._run.train_step()
            cpu_s = time.process_time() - cpu_began_s
        events = profiler.events() or ()  # type: ignore[no-untyped-call]
        self._num_done += 1
        if self._num_done > NUM_WARM_UP:
            self.totals.num_batches += 1
            self.totals.cpu_s += cpu_s
            self._add(events)
            if is_next and self._between is not None:
                self.totals.parts[Part.BETWEEN].cpu_s += began_at - self._between
        # Both are in reference cycles: until a collection, each step would keep 2 MB and more.
        for event in events:
            event.cpu_parent, event.cpu_children = None, []
        if self._profiler is not None:
            self._profiler.profiler = None
        self._profiler = profiler
        self._between = time.perf_counter()
        return rows

    def trace(self) -> bytes:
        """Return the last step in the format of Chrome's trace viewer, as JSON.

        Raises:
            OSError: There is no room for a temporary file.
        """
        assert self._profiler is not None, "a step was profiled"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "trace.json")
            self._profiler.export_chrome_trace(str(path))
            return path.read_bytes()

    def _add(self, events: Iterable[FunctionEvent]) -> None:
        on_cpu = [event for event in events if event.device_type == DeviceType.CPU]
        marks = sorted(
            (event.time_range.start, Part(event.name.removeprefix(PREFIX)), event)
            for event in on_cpu
            if event.name.startswith(PREFIX)
        )
        starts = [start for start, _, _ in marks]
        parts, operators = self.totals.parts, self.totals.operators
        for _, part, mark in marks:
            took_us = mark.time_range.end - mark.time_range.start
            parts[part].cpu_s += took_us * MICROSECOND
        for event in on_cpu:
            # By time, not by caller: on CUDA the backward pass has threads of its own.
            index = bisect_right(starts, event.time_range.start) - 1
            costs = [parts[marks[max(0, index)][1]]]
            if event.name != MEMORY_EVENT and not event.name.startswith(PREFIX):
                costs.append(operators[event.name])
                costs[1].calls += 1
                costs[1].cpu_s += event.self_cpu_time_total * MICROSECOND
            for cost in costs:
                cost.device_s += event.self_device_time_total * MICROSECOND
                cost.memory_bytes += event.self_cpu_memory_usage


class _PartMarks:
    """Marks in the profile that separate the parts of one step."""

    def __init__(self, run: TrainingState) -> None:
        self._run = run
        self._open: record_function | None = None
        self._exits = ExitStack()

    def __enter__(self) -> None:
        self._exits.enter_context(self._run.training_step.observed(self._marked))
        # The loss is one call with the forward pass. With a loss of its own, or generated code, no
        # hook is called between them; to add one might have the code generated anew.
        if not self._run.parameters.compile:
            hook = self._run.model.register_forward_hook(lambda *_: self._begin(Part.LOSS))
            self._exits.callback(hook.remove)
        self._begin(Part.BOOKKEEPING)

    def __exit__(self, *_error: object) -> None:
        self._end()
        self._exits.close()

    def _marked(self, part: Part, method: Callable[..., Any]) -> Callable[..., Any]:
        def marked(*arguments: Any) -> Any:
            self._begin(part)
            result = method(*arguments)
            self._begin(Part.BOOKKEEPING)
            return result

        return marked

    def _begin(self, part: Part) -> None:
        self._end()
        self._open = record_function(f"{PREFIX}{part}")
        self._open.__enter__()  # type: ignore[no-untyped-call]

    def _end(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
            self._open = None
