"""Profile of a batch: the parts of a session's step, and torch's own operations.

With one thread on the CPU processor time is taken, which other programs do not lengthen.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from torch.profiler import ProfilerActivity
from torch.profiler import profile as profiled

from mnist_tui.training.benchmark.measured_control import synchronize
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from tests.benchmarks.training_stage import Conditions

WARM_UP_BATCHES = 50
NUM_OPERATIONS = 12


def profile(conditions: Conditions, num_batches: int) -> str:
    """Return both tables."""
    parameters = resolve(conditions.parameters, sizes={}, default_threads=conditions.threads)
    device = choose_device(parameters.device)
    prepare(device, parameters.threads)
    run = TrainingState(parameters, load_data(conditions.data_dir, parameters, device), device)
    for _ in range(WARM_UP_BATCHES):
        run.train_step()
    synchronize(device)
    activities = [ProfilerActivity.CPU]
    if device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with profiled(activities=activities) as watched:
        for _ in range(num_batches):
            run.train_step()
        synchronize(device)
    return "\n".join(
        [*_parts(run, num_batches, _now(conditions)), "", *_operations(watched, num_batches)]
    )


def _now(conditions: Conditions) -> Callable[[], float]:
    is_alone = conditions.is_on_cpu and conditions.threads == 1
    return time.process_time if is_alone else time.perf_counter


def _parts(run: TrainingState, num_batches: int, now: Callable[[], float]) -> list[str]:
    """Time the parts of the step; on a GPU each is waited for."""
    clock = _Clock(run.device, now)
    with run.training_step.observed(clock.timed):
        step = clock.timed("all", run.train_step)
        for _ in range(num_batches):
            step()
    return clock.table(num_batches)


class _Clock:
    """Adds up how long functions take."""

    def __init__(self, device: torch.device, now: Callable[[], float]) -> None:
        self._device = device
        self._now = now
        self._durations_s: defaultdict[str, float] = defaultdict(float)

    def timed(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed under a name."""

        def call(*arguments: Any, **named: Any) -> Any:
            began_at = self._now()
            result = function(*arguments, **named)
            synchronize(self._device)
            self._durations_s[what] += self._now() - began_at
            return result

        return call

    def table(self, num_batches: int) -> list[str]:
        """Return the parts, the largest first, in µs of a batch and as shares."""
        whole = self._durations_s.pop("all")
        self._durations_s["between them"] = whole - sum(self._durations_s.values())
        ranked = sorted(self._durations_s.items(), key=lambda item: -item[1])
        return [
            "| part of the step | µs | share |",
            "|---|---|---|",
            *(
                f"| {what} | {1e6 * took / num_batches:,.0f} | {took / whole:.1%} |"
                for what, took in ranked
            ),
            f"| the whole step | {1e6 * whole / num_batches:,.0f} | |",
        ]


def _operations(watched: Any, num_batches: int) -> list[str]:
    """Return torch's own operations that take most of the CPU's time, without what they call."""
    ranked = sorted(watched.key_averages(), key=lambda each: -each.self_cpu_time_total)
    whole = sum(each.self_cpu_time_total for each in ranked)
    return [
        "| operation of torch | calls | µs | share |",
        "|---|---|---|---|",
        *(
            f"| `{each.key}` | {each.count / num_batches:.0f}"
            f" | {each.self_cpu_time_total / num_batches:,.0f}"
            f" | {each.self_cpu_time_total / whole:.1%} |"
            for each in ranked[:NUM_OPERATIONS]
        ),
    ]
