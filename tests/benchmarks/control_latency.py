"""Latency of requests: to the first batch, a pause, a resume, a stop and a kill."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage import folders
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.benchmarks.bare_writes import checkpoint_write_s, synced_write_s
from tests.benchmarks.control_stage import Watch, command, seconds, warm
from tests.benchmarks.results import Result, quartiles
from tests.deadlines import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.control_stage import ControlStage
    from tests.harness import Workspace

NUM_COLD = 3
START_MS, PAUSE_MS, RESUME_MS, STOP_MS, KILL_MS = 300.0, 20.0, 20.0, 500.0, 300.0
MAX_WRITES = 1.5
"""A pause is told after this many times what the bare write of its checkpoint takes."""
MIN_BATCHES, MORE_BATCHES = 20, 40
"""A session trains so many batches between two requests, and up to so many more."""


def starts(stage: ControlStage) -> Iterator[Result]:
    """Yield how long after its request a session's first batch is done, cold and warm."""
    cold = []
    for _ in range(min(NUM_COLD, stage.repeats)):
        with stage.workspace() as workspace:
            assert workspace.client  # the supervisor runs, and nothing else
            cold.append(_first_batch_s(workspace, stage))
    with stage.workspace() as workspace:
        warm(workspace)
        times = [_first_batch_s(workspace, stage) for _ in range(stage.repeats)]
    yield _row("request to first batch, no fork server", cold)
    yield _row("request to first batch, warm", times, START_MS)


def _first_batch_s(workspace: Workspace, stage: ControlStage) -> float:
    watch = Watch(workspace.home)
    session_id, asked_at = watch.create(workspace, stage.parameters)
    done_at = seconds(wait_until(lambda: workspace.rows(session_id), "a batch is done")[0].time)
    watch.change(session_id, Trigger.KILL, S.KILLED)
    watch.close()
    workspace.request(Trigger.REMOVE, session_id)
    return done_at - asked_at


class _Pause(NamedTuple):
    """One pause, in seconds."""

    batch: float
    """What the last batch took."""
    stopped: float
    """Request to the end of the last batch."""
    told: float
    """Request to the client's knowing."""
    write: float
    """A bare write of the checkpoint's bytes, synced."""
    full_write: float
    """The same with everything else that a checkpoint makes durable."""


@dataclass
class _Times:
    pauses: list[_Pause] = field(default_factory=list)
    resumes: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    num_bytes: int = 0


def changes(stage: ControlStage) -> Iterator[Result]:
    """Yield how long pause, resume, stop and kill take."""
    random, times = Random(0), _Times()
    with stage.workspace() as workspace:
        warm(workspace)
        watch = Watch(workspace.home)
        for _ in range(stage.repeats):
            session_id, _ = watch.create(workspace, stage.parameters)
            _train(workspace, session_id, random)
            times.pauses.append(_pause(workspace, watch, session_id, times))
            asked_at, _ = watch.change(session_id, Trigger.RESUME, S.RUNNING)
            times.resumes.append(seconds(_done_at(workspace, session_id)) - asked_at)
            _train(workspace, session_id, random)
            asked_at, told_at = watch.change(session_id, Trigger.STOP, S.STOPPED)
            times.stops.append(told_at - asked_at)
            watch.change(session_id, Trigger.RESUME, S.RUNNING)
            _train(workspace, session_id, random)
            asked_at, told_at = watch.change(session_id, Trigger.KILL, S.KILLED)
            times.kills.append(told_at - asked_at)
            workspace.request(Trigger.REMOVE, session_id)
        watch.close()
    yield from _pause_rows(times.pauses, times.num_bytes)
    yield _row("resume: request to done", times.resumes, RESUME_MS)
    yield _row("stop: request to `stopped`", times.stops, STOP_MS)
    yield _row("kill: request to `killed`", times.kills, KILL_MS)


def _train(workspace: Workspace, session_id: int, random: Random) -> None:
    """Let a session train for a while that is never the same."""
    so_far = len(workspace.rows(session_id))
    wanted = so_far + MIN_BATCHES + random.randrange(MORE_BATCHES)
    wait_until(lambda: len(workspace.rows(session_id)) >= wanted, f"#{session_id} trains", 120)


def _pause(workspace: Workspace, watch: Watch, session_id: int, times: _Times) -> _Pause:
    asked_at, told_at = watch.change(session_id, Trigger.PAUSE, S.PAUSED)
    before, last = (seconds(row.time) for row in workspace.rows(session_id)[-2:])
    folder = workspace.home.session(session_id) / folders.CHECKPOINTS
    manifest = max(folder.glob("step-*.json"))
    content = manifest.with_suffix(".pt").read_bytes()
    times.num_bytes = len(content)
    return _Pause(
        batch=last - before,
        stopped=last - asked_at,
        told=told_at - asked_at,
        write=synced_write_s(folder, content),
        full_write=checkpoint_write_s(folder, content, manifest.read_bytes()),
    )


def _done_at(workspace: Workspace, session_id: int) -> str:
    done_at = command(workspace, session_id).done_at
    assert done_at is not None
    return done_at


def _pause_rows(pauses: Sequence[_Pause], num_bytes: int) -> Iterator[Result]:
    size = f"{num_bytes / 1e6:.1f} MB"
    yield _row("a batch", [one.batch for one in pauses])
    yield _row(f"a bare synced write of {size}", [one.write for one in pauses])
    yield _row(f"the system calls of a checkpoint of {size}", [one.full_write for one in pauses])
    yield _row(
        "pause: batches stop, less the last batch",
        [max(0.0, one.stopped - one.batch) for one in pauses],
        PAUSE_MS,
    )
    told = _row("pause: request to `paused`", [one.told for one in pauses])
    bar = statistics.median(
        1000 * (one.batch + MAX_WRITES * one.write) + PAUSE_MS for one in pauses
    )
    is_met = 1000 * statistics.median(one.told for one in pauses) <= bar
    yield Result(told.what, told.value, f"≤ {bar:.0f} ms: one batch + 20 ms + 1.5 writes", is_met)


def _row(what: str, times_s: Sequence[float], limit_ms: float | None = None) -> Result:
    times = [1000 * time_s for time_s in times_s]
    bar = "" if limit_ms is None else f"≤ {limit_ms:.0f} ms"
    is_met = limit_ms is None or statistics.median(times) <= limit_ms
    return Result(what, quartiles(times, "ms", 1), bar, is_met)
