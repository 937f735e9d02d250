"""Resident memory of the screen, and how much it grows over 10,000 refreshes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.results import Result
from tests.benchmarks.ui_stage import NUM_RUNNING, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import WatchedTerminal

NUM_STORED = 10_000
LIMIT_MB, GROWTH_LIMIT_MB = 70.0, 2.0
NUM_REFRESHES, REFRESH_S = 10_000, 0.2
SETTLE_S, WARM_UP_S, LOOK_S = 20.0, 60.0, 30.0
MB = 1_000_000
USUAL: dict[str, Any] = {"batch_size": 64, "log_every": 10}


def resident_memory(stage: UiStage) -> Iterator[Result]:
    """Yield what the screen holds with many sessions stored and five that train."""
    with stage.training(NUM_STORED, **USUAL) as (workspace, _), stage.open(workspace) as terminal:
        settle(terminal)
        terminal.take_for(SETTLE_S)
        held = _resident_mb(terminal)
    yield Result(
        f"resident memory, {NUM_RUNNING} running, {NUM_STORED:,} stored",
        f"{held:.1f} MB",
        f"≤ {LIMIT_MB:.0f} MB",
        held <= LIMIT_MB,
    )


def growth(stage: UiStage) -> Iterator[Result]:
    """Yield how much memory 10,000 real refreshes add; takes 35 minutes."""
    with (
        stage.paced_training(NUM_STORED, **USUAL) as (workspace, _),
        stage.open(workspace, "--refresh", str(REFRESH_S)) as terminal,
    ):
        settle(terminal)
        terminal.take_for(WARM_UP_S)
        before = _resident_mb(terminal)
        end = time.monotonic() + NUM_REFRESHES * REFRESH_S
        while time.monotonic() < end:
            terminal.take_for(LOOK_S)
            terminal.parse()
        after = _resident_mb(terminal)
    yield Result(
        f"growth over {NUM_REFRESHES:,} refreshes, {NUM_RUNNING} running, {NUM_STORED:,} stored",
        f"{after - before:+.1f} MB ({before:.1f} to {after:.1f} MB)",
        f"≤ {GROWTH_LIMIT_MB:.0f} MB",
        after - before <= GROWTH_LIMIT_MB,
    )


def _resident_mb(terminal: WatchedTerminal) -> float:
    return float(terminal.ui.memory_info().rss) / MB
