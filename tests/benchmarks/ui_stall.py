"""A terminal that stops reading for 10 s: training goes on, the screen catches up at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.benchmarks.results import Result
from tests.benchmarks.ui_age import COLUMNS, Metrics, watch
from tests.benchmarks.ui_stage import settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.ui_age import Shot
    from tests.benchmarks.ui_stage import UiStage
    from tests.harness import Workspace

NUM_STORED = 1_000
STALL_S, WATCH_S, WARM_UP_S = 10.0, 4.0, 20.0
CATCH_UP_LIMIT_S, AGE_LIMIT_S = 1.0, 1.5
GROWTH_LIMIT_MB = 2.0
RATE_LIMIT = 0.8
"""The least share of its usual speed at which training may go on meanwhile."""


def stalled_terminal(stage: UiStage) -> Iterator[Result]:
    """Yield what becomes of training, of the screen and of its memory."""
    with (
        stage.training(NUM_STORED, batch_size=16) as (workspace, ids),
        stage.open(workspace, columns=COLUMNS) as terminal,
    ):
        settle(terminal)
        terminal.take_for(WARM_UP_S)
        steps = [_num_steps(workspace, ids)]
        terminal.take_for(STALL_S)
        steps.append(_num_steps(workspace, ids))
        before = terminal.ui.memory_info().rss
        time.sleep(STALL_S)
        grown_mb = (terminal.ui.memory_info().rss - before) / 1e6
        steps.append(_num_steps(workspace, ids))
        resumed_at = time.time()
        shots = watch(terminal, WATCH_S)
        metrics = Metrics.of(workspace, ids[-1])
    share = (steps[2] - steps[1]) / (steps[1] - steps[0])
    yield Result(
        f"terminal unread for {STALL_S:.0f} s: speed of training",
        f"{100 * share:.0f} % of before",
        f"≥ {100 * RATE_LIMIT:.0f} %",
        share >= RATE_LIMIT,
    )
    caught_up_s = _seconds_to_newest(shots, metrics, resumed_at)
    yield Result(
        "terminal unread: newest state on the screen after reading goes on",
        f"{caught_up_s:.2f} s",
        f"≤ {CATCH_UP_LIMIT_S:.0f} s",
        caught_up_s <= CATCH_UP_LIMIT_S,
    )
    yield Result(
        "terminal unread: memory of the screen",
        f"{grown_mb:+.1f} MB",
        f"≤ {GROWTH_LIMIT_MB:.0f} MB",
        grown_mb <= GROWTH_LIMIT_MB,
    )


def _num_steps(workspace: Workspace, ids: Sequence[int]) -> int:
    return sum(workspace.record(session_id).progress.position.step for session_id in ids)


def _seconds_to_newest(shots: Sequence[Shot], metrics: Metrics, resumed_at: float) -> float:
    """Return how long after reading went on the screen was as new as it always is."""
    for shot in shots:
        age = metrics.age_in_table(shot)
        if age is not None and age <= AGE_LIMIT_S:
            return shot.time_s - resumed_at
    return float("inf")
