"""Speed of sessions: beside the bare loop, beside a DataLoader, and several at once."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.intervals import median_interval
from tests.benchmarks.loop_process import LoopProcess
from tests.benchmarks.results import Result
from tests.benchmarks.training_stage import sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.benchmarks.training_stage import Conditions

MANAGED_BAR = 0.98
REFERENCE_BARS = {"fp32": 1.3, "bf16": 2.5}
CUDA_REFERENCE_BAR = 20.0
PARALLEL_BAR = 0.95
LOADER_WORKERS = (0, 1, 2)
SESSION_COUNTS = (1, 2, 4)
CUDA_SESSION_COUNTS = (1, 8)


def managed(conditions: Conditions) -> Iterator[Result]:
    """Compare a session, watched on the screen, with the bare loop."""
    with ExitStack() as stack:
        session = stack.enter_context(sessions(conditions, has_screen=True))
        options = [*conditions.loop_options, "--precision", conditions.precision]
        bare = stack.enter_context(LoopProcess("bare_loop.py", options))
        speeds = alternated(
            {"session": session.images_per_s, "bare loop": bare.images_per_s}, conditions
        )
    ratio = median_interval(_ratios(speeds["session"], speeds["bare loop"]))
    yield Result(
        f"session ÷ bare loop, {_what(conditions)}, screen open",
        f"{ratio.text()}; {_rate(speeds['session'])} and {_rate(speeds['bare loop'])}",
        f"lower bound ≥ {MANAGED_BAR}",
        ratio.low >= MANAGED_BAR,
    )


def reference(conditions: Conditions) -> Iterator[Result]:
    """Compare a session with the fastest of three DataLoaders, which always compute in fp32."""
    with ExitStack() as stack:
        samplers = {"session": stack.enter_context(sessions(conditions)).images_per_s}
        for workers in LOADER_WORKERS:
            options = [*conditions.loop_options, "--workers", workers]
            loop = stack.enter_context(LoopProcess("reference_loop.py", options))
            samplers[f"{workers} workers"] = loop.images_per_s
        speeds = alternated(samplers, conditions)
    session = speeds.pop("session")
    for name, others in speeds.items():
        yield Result(f"DataLoader, {name}", _rate(others), "", is_met=True)
    fastest = max(speeds, key=lambda name: statistics.median(speeds[name]))
    ratio = median_interval(_ratios(session, speeds[fastest]))
    bar = REFERENCE_BARS[conditions.precision] if conditions.is_on_cpu else CUDA_REFERENCE_BAR
    is_promised = not conditions.is_on_cpu or conditions.precision == "fp32" or _has_amx()
    yield Result(
        f"session ÷ the fastest DataLoader ({fastest}), {_what(conditions)}",
        f"{ratio.text(decimals=2)}; {_rate(session)}",
        f"≥ {bar}" if is_promised else f"≥ {bar} with AMX, which is missing here",
        ratio.median >= bar or not is_promised,
    )


def parallel(conditions: Conditions) -> Iterator[Result]:
    """Compare several sessions at once with one that has all cores, or the GPU, to itself."""
    counts = SESSION_COUNTS if conditions.is_on_cpu else CUDA_SESSION_COUNTS
    with ExitStack() as stack:
        samplers = {
            str(count): stack.enter_context(sessions(conditions, slots=count)).images_per_s
            for count in counts
        }
        speeds = alternated(samplers, conditions)
    alone, *_ = speeds.values()
    for count in counts[1:]:
        ratio = median_interval(_ratios(speeds[str(count)], alone))
        yield Result(
            f"{count} sessions at once ÷ one alone, {_what(conditions)}",
            f"{ratio.text()}; {_rate(speeds[str(count)])} and {_rate(alone)}",
            f"≥ {PARALLEL_BAR}",
            ratio.median >= PARALLEL_BAR,
        )


def alternated(
    samplers: Mapping[str, Callable[[float], float]], conditions: Conditions
) -> dict[str, list[float]]:
    """Return a sample of each in every round; every second round goes backwards."""
    speeds: dict[str, list[float]] = {name: [] for name in samplers}
    for number in range(conditions.rounds):
        for name in sorted(samplers) if number % 2 else sorted(samplers, reverse=True):
            speeds[name].append(samplers[name](conditions.seconds))
    return speeds


def _ratios(ones: list[float], others: list[float]) -> list[float]:
    return [one / other for one, other in zip(ones, others, strict=True)]


def _rate(speeds: list[float]) -> str:
    return f"{statistics.median(speeds):,.0f} images/s"


def _what(conditions: Conditions) -> str:
    where = f"{conditions.threads} threads" if conditions.is_on_cpu else conditions.device
    return f"`cnn`, batch {conditions.batch_size}, {conditions.precision}, {where}"


def _has_amx() -> bool:
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
