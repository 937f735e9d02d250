"""First frame: from the start of the process to the last visible row on the screen."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

from tests.benchmarks.results import Result, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import WatchedTerminal

NUM_RUNS = 11
LIMITS_MS = {1_000: 300.0, 10_000: 400.0}
QUIET_S = 1.0
START_TIMEOUT_S = 20.0
MIN_ROWS = 10
ROW = re.compile(r"\W*\d+ .*(finished|stopped|killed|failed|running)")


def first_frame(stage: UiStage) -> Iterator[Result]:
    """Yield the time of the first frame for each number of stored sessions."""
    for count, limit_ms in LIMITS_MS.items():
        workspace = stage.workspace(count)
        assert workspace.client  # the supervisor runs, as it does whenever somebody comes back
        times = []
        for run in range(NUM_RUNS + 1):
            with stage.open(workspace) as terminal:
                time_ms = 1000 * _seconds_to_last_row(terminal)
            if run:  # the first one compiles what nobody has run yet
                times.append(time_ms)
        median = statistics.median(times)
        yield Result(
            f"first frame, {count:,} stored sessions",
            f"{spread(times, 'ms')}",
            f"≤ {limit_ms:.0f} ms",
            median <= limit_ms,
        )


def _seconds_to_last_row(terminal: WatchedTerminal) -> float:
    terminal.await_output(START_TIMEOUT_S)
    terminal.take(QUIET_S)
    counts = terminal.replay(num_rows)
    assert counts, "nothing came"
    final = counts[-1][1]
    assert final > MIN_ROWS, "\n".join(terminal.screen.display)
    return next(time for time, count in counts if count == final) - terminal.started_at


def num_rows(lines: list[str]) -> int:
    """Return how many sessions are in sight."""
    return sum(bool(ROW.match(line)) for line in lines)
