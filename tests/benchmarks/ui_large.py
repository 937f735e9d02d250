"""A session of 1,000,000 metric rows: how long it takes to open and draw, and what is drawn."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from typing import TYPE_CHECKING

from mnist_tui.storage.folders import METRICS
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.records import MetricRow
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.charts.metric_feed import ChartRequest, MetricFeed
from tests.benchmarks.results import Result, spread
from tests.benchmarks.ui_answers import DOWN, answer_ms
from tests.benchmarks.ui_stage import settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from tests.benchmarks.ui_stage import UiStage

NUM_ROWS = 1_000_000
NUM_STORED = 3
SMALL_ID, LARGE_ID = 3, 2
"""The screen opens on the first; one key leads to the second."""
NUM_RUNS = 7
LIMIT_MS = 500.0
COLUMNS, HALF = 50, 60
SPIKE_EVERY = 100_000
SPIKE = 1.9
LAST_LOSS = 0.0123
BATCH_ROWS = 10_000


def long_session(stage: UiStage) -> Iterator[Result]:
    """Yield how long it takes from the key to both charts, and how many points they have."""
    workspace = stage.workspace(NUM_STORED)
    assert workspace.client
    write_rows(workspace.home.session(SMALL_ID), 100)
    write_rows(workspace.home.session(LARGE_ID), NUM_ROWS)
    times = []
    for _ in range(NUM_RUNS):
        with stage.open(workspace) as terminal:
            settle(terminal, quiet_s=1.5)
            times.append(answer_ms(terminal, terminal.press(DOWN), _are_charts_drawn))
    median = statistics.median(times)
    yield Result(
        f"session of {NUM_ROWS:,} metric rows, key to both charts",
        spread(times, "ms"),
        f"≤ {LIMIT_MS:.0f} ms",
        median <= LIMIT_MS,
    )
    per_column, num_spikes = points_drawn(workspace.home)
    expected = NUM_ROWS // SPIKE_EVERY
    yield Result(
        f"points drawn of {NUM_ROWS:,}",
        f"at most {per_column} per column, {num_spikes} of {expected} spikes kept",
        "≤ 2, all",
        per_column <= 2 and num_spikes == expected,
    )


def write_rows(folder: Path, count: int) -> None:
    """Write a training's metric rows as its worker does, unless they are there."""
    path = folder / METRICS
    if path.exists():
        return
    writer = MetricWriter(path)
    for first in range(1, count + 1, BATCH_ROWS):
        writer.append(
            [_row(step, count) for step in range(first, min(first + BATCH_ROWS, count + 1))]
        )
    writer.close()


def points_drawn(home: Home) -> tuple[int, int]:
    """Return the most points in a column of the loss chart, and how many spikes are among them."""
    feed = MetricFeed(home)
    record = next(one for one in read_records(home) if one.id == LARGE_ID)
    wish = ChartRequest((record,), {LARGE_ID: 0}, ChartView())
    loss, _accuracy = feed.charts(wish, feed.sessions(wish.records), (COLUMNS, COLUMNS))
    line = loss.curves[0].line
    columns = Counter(min(COLUMNS - 1, int(x / loss.x_axis.end * COLUMNS)) for x in line.x)
    return max(columns.values()), sum(y == SPIKE for y in line.y)


def _row(step: int, count: int) -> MetricRow:
    share = step / count
    noise = step * 2_654_435_761 % 2**32 / 2**32
    loss = 0.05 + 0.6 * (1 - share) ** 4 * (0.5 + noise)
    if step % SPIKE_EVERY == SPIKE_EVERY // 2:
        loss = SPIKE
    if step == NUM_ROWS:
        loss = LAST_LOSS
    return MetricRow(
        step=step,
        epoch=5 * share,
        split="train",
        loss=loss,
        accuracy=1 - loss / 3,
        mse=loss / 20,
        learning_rate=0.001,
        time=f"2026-03-01T{int(9 * share):02d}:{step // 60 % 60:02d}:{step % 60:02d}.000Z",
        generation=1,
    )


LOSS_TITLE = re.compile(rf"train {LAST_LOSS}")
BRAILLE = re.compile("[\u2801-\u28ff]")


def _are_charts_drawn(lines: list[str]) -> bool:
    """Return whether both charts of the large session are there: its last loss, and curves."""
    below = next((at for at, line in enumerate(lines) if LOSS_TITLE.search(line)), None)
    if below is None:
        return False
    halves = zip(*((line[:HALF], line[HALF:]) for line in lines[below:]), strict=True)
    return all(len(BRAILLE.findall("".join(half))) > COLUMNS // 2 for half in halves)
