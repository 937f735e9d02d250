"""Age of the newest metric on the screen, by looking its value up in the metric file."""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.tui.text import formatting
from tests.benchmarks.results import Result, percentile
from tests.benchmarks.ui_answers import cursor_line
from tests.benchmarks.ui_stage import NUM_RUNNING, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mnist_tui.storage.records import MetricRow
    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import WatchedTerminal
    from tests.harness import Workspace

NUM_STORED = 1_000
COLUMNS = 170
"""Wide enough for the column of batches, which tells the very step that is shown."""
WATCH_S, SHOT_INTERVAL_S = 20.0, 0.05
LIMIT_S = 1.5
MEMORY_S = 6.0
"""How far back figures over the charts are looked up, though never before those shown last; where
they repeat, the oldest row counts."""
SLOW_LEARNER: dict[str, Any] = {"batch_size": 64, "learning_rate": 0.0001}
"""Its figures hardly ever repeat."""
EPOCH_AND_BATCH = re.compile(r" (\d+)(?:\.\d)?/\S+ +(\d+)/(\d+) ")
LOSS_AND_ACCURACY = re.compile(r"train (\S+).* train (\S+)")


class Shot(NamedTuple):
    """What the screen said at a time, in Unix seconds."""

    time_s: float
    step: int | None
    """Of the chosen row of the table."""
    figures: tuple[str, str] | None
    """Training loss and accuracy over the charts."""


class Metrics:
    """The training rows of a session, which has one for every step."""

    def __init__(self, rows: Sequence[MetricRow]) -> None:
        self._times = [datetime.fromisoformat(row.time).timestamp() for row in rows]
        self._steps = [row.step for row in rows]
        self._figures = [
            (formatting.loss(row.loss), formatting.percent(row.accuracy)) for row in rows
        ]
        self._shown = 0
        """The row that the charts showed last; they never go back to an older one."""

    @classmethod
    def of(cls, workspace: Workspace, session_id: int) -> Metrics:
        """Return those of a session as they are now."""
        return cls([row for row in workspace.rows(session_id) if row.split == "train"])

    def age_in_table(self, shot: Shot) -> float | None:
        """Return the age of the step in the table."""
        if shot.step is None:
            return None
        return shot.time_s - self._times[bisect_left(self._steps, shot.step)]

    def age_over_charts(self, shot: Shot) -> float | None:
        """Return the age of the figures over the charts."""
        if shot.figures is None:
            return None
        first = max(bisect_left(self._times, shot.time_s - MEMORY_S), self._shown)
        self._shown = self._figures.index(shot.figures, first)
        return shot.time_s - self._times[self._shown]


def age_of_metrics(stage: UiStage) -> Iterator[Result]:
    """Yield how old the newest metric in the table and over the charts is."""
    with (
        stage.training(NUM_STORED, **SLOW_LEARNER) as (workspace, ids),
        stage.open(workspace, columns=COLUMNS) as terminal,
    ):
        settle(terminal)
        terminal.take_for(3.0)
        shots = watch(terminal, WATCH_S)
        metrics = Metrics.of(workspace, ids[-1])
    for place, age in (("table", metrics.age_in_table), ("charts", metrics.age_over_charts)):
        ages = [found for shot in shots if (found := age(shot)) is not None]
        yield Result(
            f"age of the newest metric in the {place}, {NUM_RUNNING} running",
            f"p50 {percentile(ages, 0.5):.2f} s, at most {max(ages):.2f} s",
            f"≤ {LIMIT_S} s",
            max(ages) <= LIMIT_S,
        )


def watch(terminal: WatchedTerminal, duration_s: float) -> list[Shot]:
    """Return what the screen said over a while."""
    shots = []
    end = time.monotonic() + duration_s
    while time.monotonic() < end:
        terminal.take_for(SHOT_INTERVAL_S)
        terminal.parse()
        shots.append(_shoot(list(terminal.screen.display)))
    return shots


def _shoot(lines: list[str]) -> Shot:
    step, figures = None, None
    if found := EPOCH_AND_BATCH.search(cursor_line(lines)):
        epoch, batch, per_epoch = map(int, found.groups())
        step = epoch * per_epoch + batch % per_epoch
    titles = "\n".join(line for line in lines if " loss " in line)
    if found := LOSS_AND_ACCURACY.search(titles):
        figures = found[1], found[2].rstrip("%")
    return Shot(time.time(), step, figures)
