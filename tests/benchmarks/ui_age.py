"""How old the newest metric on the screen is, told by looking each shown value up in its file."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.results import Result, percentile
from tests.benchmarks.ui_answers import cursor_line
from tests.benchmarks.ui_stage import NUM_RUNNING, settle
from tui import formatting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.records import MetricRow
    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import WatchedTerminal

NUM_STORED = 1_000
WATCH_S, SHOT_INTERVAL_S = 20.0, 0.05
LIMIT_S = 1.5
FIGURES_IN_ROW = re.compile(r"(\d\.\d{4}) +(\d+\.\d+)")
FIGURES_IN_TITLES = re.compile(r"train (\S+).* train (\S+)")

Figures = tuple[str, str]
"""Loss and accuracy as they are written."""


class Shot(NamedTuple):
    """What the screen said at a time."""

    time_s: float
    """Unix seconds."""
    figures: Figures


def age_of_metrics(stage: UiStage) -> Iterator[Result]:
    """Yield how old the newest metric in the table and over the charts is."""
    with stage.training(NUM_STORED, batch_size=16) as (box, ids), stage.open(box) as terminal:
        settle(terminal, limit_s=3.0)
        in_table, over_charts = watch(terminal, WATCH_S)
        rows = [row for row in box.rows(ids[-1]) if row.split == "train"]
    for place, shots in (("table", in_table), ("charts", over_charts)):
        ages = ages_of(shots, rows)
        yield Result(
            f"age of the newest metric in the {place}, {NUM_RUNNING} running",
            f"p50 {percentile(ages, 0.5):.2f} s, at most {max(ages):.2f} s",
            f"≤ {LIMIT_S} s",
            max(ages) <= LIMIT_S,
        )


def watch(terminal: WatchedTerminal, duration_s: float) -> tuple[list[Shot], list[Shot]]:
    """Return what the chosen row of the table, and the titles of the charts, said when."""
    in_table: list[Shot] = []
    over_charts: list[Shot] = []
    end = time.monotonic() + duration_s
    while time.monotonic() < end:
        terminal.take_for(SHOT_INTERVAL_S)
        terminal.parse()
        now, lines = time.time(), list(terminal.screen.display)
        titles = "\n".join(line for line in lines if " loss " in line)
        for shots, text, pattern in (
            (in_table, cursor_line(lines), FIGURES_IN_ROW),
            (over_charts, titles, FIGURES_IN_TITLES),
        ):
            if found := pattern.search(text):
                shots.append(Shot(now, (found[1], found[2].rstrip("%"))))
    return in_table, over_charts


def ages_of(shots: Sequence[Shot], rows: Sequence[MetricRow]) -> list[float]:
    """Return the age of each shot's figures in seconds.

    Where figures repeat, the oldest row that can be meant counts.
    """
    written = [_figures(row) for row in rows]
    times = [datetime.fromisoformat(row.time).timestamp() for row in rows]
    ages, at = [], 0
    for shot in shots:
        at = _index(written, shot.figures, at)
        ages.append(shot.time_s - times[at])
    return ages


def _index(written: Sequence[Figures], figures: Figures, start: int) -> int:
    try:
        return written.index(figures, start)
    except ValueError:
        raise AssertionError(f"{figures} is on the screen, but not in the metrics") from None


def _figures(row: MetricRow) -> Figures:
    return formatting.loss(row.loss), formatting.percent(row.accuracy)
