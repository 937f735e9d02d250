"""Cost of one state change with 10 and with 1,000 sessions stored."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from mnist_tui.storage.records import SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.benchmarks.bare_writes import appended_s
from tests.benchmarks.results import Result, percentile, quartiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.control_stage import ControlStage
    from tests.harness import Workspace

FEW, MANY = 10, 1_000
LIMIT_MS, MAX_RATIO = 10.0, 2.0
CHANGES_PER_REPEAT = 25


def registry(stage: ControlStage) -> Iterator[Result]:
    """Yield the cost of a change: in the registry alone, and of a request through the socket."""
    num_changes = CHANGES_PER_REPEAT * stage.repeats
    with ExitStack() as stack:
        workspaces = {
            count: stack.enter_context(stage.workspace(num_stored=count)) for count in (FEW, MANY)
        }
        puts, bare = _puts(workspaces, num_changes)
        requests = _requests(stage, workspaces, num_changes)
    yield Result("a bare synced append of one change", quartiles(bare, "ms", 2), "", is_met=True)
    yield from _rows("a change of state in the registry", puts)
    yield from _rows("stop of a held session, request to reply", requests)


def _puts(
    workspaces: dict[int, Workspace], num_changes: int
) -> tuple[dict[int, list[float]], list[float]]:
    """Return the milliseconds of a `put` by number of sessions, and of a bare append beside it."""
    registries = {count: Registry.open(workspace.home) for count, workspace in workspaces.items()}
    descriptor = os.open(
        workspaces[FEW].home.path / ".bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND
    )
    line = msgspec.json.encode(registries[FEW].get(1)) + b"\n"
    times: dict[int, list[float]] = {count: [] for count in workspaces}
    bare = []
    for number in range(num_changes):
        for count, one in registries.items():
            record = one.get(number % count + 1)
            is_running = record.state is SessionState.RUNNING
            state = SessionState.PAUSED if is_running else SessionState.RUNNING
            started_at = time.perf_counter()
            one.put(replace(record, state=state))
            times[count].append(1000 * (time.perf_counter() - started_at))
            one.put(record)
        bare.append(1000 * appended_s(descriptor, line))
    os.close(descriptor)
    for one in registries.values():
        one.close()
    return times, bare


def _requests(
    stage: ControlStage, workspaces: dict[int, Workspace], num_changes: int
) -> dict[int, list[float]]:
    """Return the milliseconds of a request that changes a session's state and waits for no one."""
    times: dict[int, list[float]] = {}
    queued = {}
    for count, workspace in workspaces.items():
        queued[count] = workspace.create(parameters=stage.parameters, is_held=True)
        times[count] = []
    for _ in range(num_changes):
        for count, workspace in workspaces.items():
            started_at = time.perf_counter()
            workspace.request(Trigger.STOP, queued[count])
            times[count].append(1000 * (time.perf_counter() - started_at))
            workspace.request(Trigger.REMOVE, queued[count])
            queued[count] = workspace.create(parameters=stage.parameters, is_held=True)
    return times


def _rows(what: str, times: dict[int, list[float]]) -> Iterator[Result]:
    for count, values in times.items():
        tail = f", p99 {percentile(values, 0.99):.2f} ms"
        is_met = statistics.median(values) <= LIMIT_MS
        yield Result(
            f"{what}, {count:,} sessions",
            quartiles(values, "ms", 2) + tail,
            f"≤ {LIMIT_MS:.0f} ms",
            is_met,
        )
    ratio = statistics.median(times[MANY]) / statistics.median(times[FEW])
    yield Result(
        f"the same, {MANY:,} to {FEW} sessions",
        f"{ratio:.2f}",
        f"≤ {MAX_RATIO:g}",
        ratio <= MAX_RATIO,
    )
