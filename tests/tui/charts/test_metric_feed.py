from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.history import HistoryEntry, HistoryWriter
from mnist_tui.storage.home import Home
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.records import MetricRow, SessionState
from mnist_tui.tui.charts import metric_feed
from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.charts.metric_feed import ChartRequest, MetricFeed
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def write(home: Home, session_id: int, steps: range, loss: float = 1.0) -> None:
    folder = home.session(session_id)
    folder.mkdir(parents=True, exist_ok=True)
    writer = MetricWriter(folder / "metrics.jsonl")
    writer.append(
        [
            MetricRow(
                step=step, epoch=step / 10, split="train", loss=loss, accuracy=0.5, mse=0.1,
                learning_rate=0.1, time=f"2026-01-01T00:00:{step % 60:02d}.000Z", generation=1,
            )
            for step in steps
        ]
    )  # fmt: skip
    writer.close()


def test_nothing_new_is_the_very_same_object(home: Home) -> None:
    write(home, 1, range(1, 11))
    feed, record = MetricFeed(home), make_record(1)
    (before,) = feed.sessions([record])
    assert feed.sessions([record])[0] is before
    assert feed.sessions([make_record(1, step=99, train_loss=0.5)])[0] is before


def test_a_new_row_a_new_state_and_a_new_event_are_news(home: Home) -> None:
    write(home, 1, range(1, 11))
    feed, record = MetricFeed(home), make_record(1)
    seen = [feed.sessions([record])[0]]
    write(home, 1, range(11, 12))
    seen.append(feed.sessions([record])[0])
    assert len(seen[-1].splits["train"]) == 11
    record = make_record(1, SessionState.FAILED)
    seen.append(feed.sessions([record])[0])
    HistoryWriter(home.session(1) / "history.jsonl").append(
        HistoryEntry(event="changed", time="2026-01-01T00:00:09.000Z", text="failed")
    )
    seen.append(feed.sessions([record])[0])
    assert [event.word for event in seen[-1].events] == ["failed"]
    assert len(set(map(id, seen))) == 4


def test_limits_of_the_picture_before_are_kept(home: Home) -> None:
    write(home, 1, range(1, 11), loss=1.9)
    feed, record = MetricFeed(home), make_record(1)
    wish = ChartRequest((record,), {}, ChartView())
    (before, _) = feed.charts(wish, feed.sessions([record]), [50, 50])
    write(home, 1, range(11, 90), loss=1.65)
    (after, _) = feed.charts(wish, feed.sessions([record]), [50, 50])
    assert after.y_axis == before.y_axis
    (other, _) = MetricFeed(home).charts(wish, feed.sessions([record]), [50, 50])
    assert other.y_axis != before.y_axis


def test_few_sessions_stay_open(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = MetricFeed(home)
    for session_id in range(1, 30):
        write(home, session_id, range(1, 3))
        feed.sessions([make_record(session_id)])
    assert len(feed._open) == metric_feed.MAX_OPEN
    monkeypatch.setattr(metric_feed, "MAX_OPEN_BYTES", 300)
    feed.sessions([make_record(28), make_record(29)])
    assert list(feed._open) == [28, 29]


def test_several_threads_may_ask(home: Home) -> None:
    write(home, 1, range(1, 1_001))
    feed = MetricFeed(home)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: feed.sessions([make_record(1)])[0], range(100)))
    assert {len(session.splits["train"]) for session in found} == {1_000}
    assert len(set(map(id, found))) == 1
