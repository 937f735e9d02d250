"""Memory of the background processes, at rest and with every further session that trains."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.supervisor.process import IDLE
from tests.benchmarks.control_stage import PATIENCE_S, warm
from tests.benchmarks.results import Result
from tests.deadlines import wait_until
from tests.system.processes import fork_servers_of, guards_of, supervisors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

    from tests.benchmarks.control_stage import ControlStage
    from tests.harness import Workspace

SUPERVISOR_MB, GUARD_MB, GROWTH_MB = 40.0, 15.0, 100.0
NUM_SESSIONS = 4
NUM_STORED = (0, 1_000)
SETTLE_S, TRAIN_S, LATE_S = 2.0, 5.0, 5.0
MIN_BATCHES = 50
MB = 1_000_000


def resident(stage: ControlStage) -> Iterator[Result]:
    """Yield what supervisor and guard hold while nothing runs."""
    for count in NUM_STORED:
        with stage.workspace(num_stored=count) as workspace:
            assert workspace.client
            time.sleep(SETTLE_S)
            yield from _at_rest(workspace, f"{count:,} sessions stored")


def growth(stage: ControlStage) -> Iterator[Result]:
    """Yield the summed PSS of all background processes with each further session."""
    with stage.workspace("--slots", str(NUM_SESSIONS)) as workspace:
        warm(workspace)
        before = _settled_pss_mb(workspace)
        yield Result(
            "PSS of all processes, fork server loaded", f"{before:.0f} MB", "", is_met=True
        )
        for number in range(1, NUM_SESSIONS + 1):
            session_id = workspace.create(
                parameters=stage.parameters | {"model": "cnn", "seed": number}
            )
            workspace.reach(session_id, S.RUNNING, timeout_s=PATIENCE_S)
            workspace.reach_step(session_id, MIN_BATCHES)
            held = _settled_pss_mb(workspace, TRAIN_S)
            grown, before = held - before, held
            is_further = number > 1
            yield Result(
                f"PSS of all processes, {number} `cnn` running",
                f"{held:.0f} MB, {grown:+.0f} MB",
                f"≤ +{GROWTH_MB:.0f} MB" if is_further else "",
                grown <= GROWTH_MB or not is_further,
            )


def idle(stage: ControlStage) -> Iterator[Result]:
    """Yield when the fork server is dropped, and what is left; takes ten minutes."""
    with stage.workspace() as workspace:
        warm(workspace)
        warm_at = time.monotonic()
        before = _settled_pss_mb(workspace)
        deadline_s = IDLE.cool_after_s + PATIENCE_S
        wait_until(
            lambda: not fork_servers_of(workspace), "the fork server is gone", deadline_s, 0.5
        )
        gone_s = time.monotonic() - warm_at
        time.sleep(SETTLE_S)
        yield Result(
            "fork server gone after idle",
            f"{gone_s:.0f} s",
            f"{IDLE.cool_after_s:.0f} s",
            gone_s <= IDLE.cool_after_s + LATE_S,
        )
        yield from _at_rest(workspace, "after that")
        after = _pss_mb(workspace)
        yield Result(
            "PSS of all processes", f"{after:.0f} MB, {before:.0f} MB before", "", is_met=True
        )


def _at_rest(workspace: Workspace, when: str) -> Iterator[Result]:
    held = {
        f"supervisor, {when}": (supervisors_of(workspace), SUPERVISOR_MB),
        f"guard, {when}": (guards_of(workspace), GUARD_MB),
    }
    for what, ((process,), limit) in held.items():
        resident_mb = process.memory_info().rss / MB
        yield Result(what, f"{resident_mb:.1f} MB", f"≤ {limit:.0f} MB", resident_mb <= limit)


def _settled_pss_mb(workspace: Workspace, wait_s: float = SETTLE_S) -> float:
    time.sleep(wait_s)
    return _pss_mb(workspace)


def _pss_mb(workspace: Workspace) -> float:
    """Return the proportional share of memory of every process of a home."""
    return sum(_pss_bytes(process) for process in workspace.processes()) / MB


def _pss_bytes(process: psutil.Process) -> int:
    try:
        found = re.search(
            r"^Pss:\s+(\d+) kB", Path(f"/proc/{process.pid}/smaps_rollup").read_text(), re.MULTILINE
        )
    except OSError:  # it has just ended
        return 0
    return 1024 * int(found[1]) if found else 0
