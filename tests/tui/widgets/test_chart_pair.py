"""The pair of charts on real files, alone and in the screens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.history import HistoryEntry, HistoryWriter
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.charts.chart_model import ChartView
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from mnist_tui.tui.widgets.chart_pair import ChartPair
from mnist_tui.tui.widgets.metric_chart import MetricChart
from tests.tui.charts.test_metric_feed import write
from tests.tui.driving import app_of, until
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tests.harness import Workspace


class Host(TerminalApp):
    """A terminal with nothing but the charts of one home."""

    CSS = "ChartPair { layout: horizontal; } MetricChart { width: 1fr; }"

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.charts = ChartPair(MetricFeed(home))

    def compose(self) -> ComposeResult:
        yield self.charts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    write(made, 1, range(1, 31), loss=0.5)
    write(made, 2, range(1, 21), loss=0.9)
    return made


@pytest.fixture
def refreshes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines each refresh of a chart drew."""
    counted: list[int] = []
    refresh = MetricChart.refresh

    def counting(self: MetricChart, *regions: Any, **options: Any) -> MetricChart:
        counted.append(len(regions))
        return refresh(self, *regions, **options)

    monkeypatch.setattr(MetricChart, "refresh", counting)
    return counted


async def drawn(pilot: Pilot[str], charts: ChartPair, text: str) -> None:
    await until(pilot, lambda: text in charts.loss.text, f"{text!r} is drawn")


async def settled(pilot: Pilot[str], charts: ChartPair) -> None:
    """Wait until a reading that begins now has been drawn."""
    before = charts._painting
    await until(pilot, lambda: charts._painting is not before, "a new painting")
    await pilot.pause()


async def test_the_same_data_draw_nothing_and_a_new_row_draws_few_lines(
    home: Home, refreshes: list[int]
) -> None:
    app = Host(home)
    async with app.run_test(size=(120, 14)) as pilot:
        record = make_record(1)
        app.charts.show([record])
        await drawn(pilot, app.charts, "train 0.5000")
        await pilot.pause()
        refreshes.clear()
        for _ in range(5):
            app.charts.show([make_record(1, train_loss=0.5)])
            await until(pilot, lambda: not app.charts._is_wanted.is_set(), "it was read")
        assert refreshes == []
        write(home, 1, range(31, 32), loss=0.5)
        app.charts.show([record])
        await settled(pilot, app.charts)
        assert refreshes
        assert sum(refreshes) <= 4


async def test_the_cursor_is_moved_by_columns_and_reads_values(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(120, 14)) as pilot:
        app.charts.move_cursor(1)
        app.charts.show([make_record(1)])
        await drawn(pilot, app.charts, "train 0.5000")
        assert "epoch" not in app.charts.loss.text.splitlines()[0]
        app.charts.move_cursor(-1)
        assert "train 0.5000  epoch 3.00  lr 0.1" in app.charts.loss.text
        assert "epoch 3.00" in app.charts.accuracy.text
        app.charts.move_cursor(-10)
        reached = app.charts.loss.text
        assert "epoch 3.00" not in reached
        assert "lr 0.1" in reached
        for _ in range(20):
            app.charts.move_cursor(-10)
        assert "train 0.5000  epoch 0.10 " in app.charts.loss.text
        app.charts.move_cursor(None)
        assert "│" not in app.charts.loss.text.replace("      │", "")


def is_wide(chart: MetricChart, width: int) -> bool:
    return len(chart.text.splitlines()[-1]) == width


async def test_the_cursor_stays_at_its_batch_when_the_axis_or_the_width_changes(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(160, 14)) as pilot:
        charts = app.charts
        charts.show([make_record(1)])
        await drawn(pilot, charts, "train 0.5000")
        charts.move_cursor(1)
        charts.set_view(ChartView(x_unit="time"))
        await drawn(pilot, charts, "29s in  lr 0.1  epoch 3.00  batch 30")
        charts.move_cursor(99)
        assert "29s in" in charts.loss.text, "the data end there"
        charts.set_view(ChartView(x_unit="batch"))
        await drawn(pilot, charts, "batch 30  lr 0.1  epoch 3.00")
        for width in (80, 200, 120):
            await pilot.resize_terminal(width, 14)
            await until(pilot, partial(is_wide, charts.loss, width // 2), "it fits")
            assert "batch 30" in charts.loss.text
        charts.enlarge("accuracy")
        await until(pilot, partial(is_wide, charts.accuracy, 120), "it is wide")
        assert "batch 30" in charts.accuracy.text


async def test_a_view_is_drawn_at_once_and_says_so(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(160, 14)) as pilot:
        app.charts.show([make_record(1)])
        await drawn(pilot, app.charts, "epochs")
        app.charts.set_view(ChartView(x_unit="batch", is_log=True, smoothing=0.9))
        await drawn(pilot, app.charts, "batches")
        assert "log scale  smoothed 0.9" in app.charts.loss.text
        assert "log scale" not in app.charts.accuracy.text


async def test_one_chart_can_have_all_the_room_and_give_it_back(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(100, 20)) as pilot:
        app.charts.show([make_record(1)])
        await drawn(pilot, app.charts, "train")

        def width() -> int:
            return len(app.charts.loss.text.splitlines()[1])

        assert width() < 60
        app.charts.enlarge("loss")
        await until(pilot, lambda: width() > 90, "loss is wide")
        assert len(app.charts.twins()) == 1
        app.charts.enlarge(None)
        await until(pilot, lambda: width() < 60, "loss is narrow")
        await until(pilot, lambda: "train" in app.charts.accuracy.text, "both")


async def test_a_resized_terminal_gets_a_picture_of_its_size(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(100, 20)) as pilot:
        app.charts.show([make_record(1)])
        await drawn(pilot, app.charts, "train")
        for size in [(60, 12), (200, 40), (40, 4), (120, 14)]:
            await pilot.resize_terminal(*size)
        await until(
            pilot,
            lambda: len(app.charts.loss.text.splitlines()) == 14,
            "the chart has the height of the terminal",
        )
        assert {len(line) for line in app.charts.loss.text.splitlines()[1:]} == {60}


async def test_several_sessions_are_drawn_over_each_other_and_exported(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(160, 20)) as pilot:
        records = [make_record(1), make_record(2, name="other")]
        app.charts.show(records, {1: 4, 2: 7})
        await drawn(pilot, app.charts, "▲ #1 baseline (train) 0.5000")
        await drawn(pilot, app.charts, "◇ #2 other (train) 0.9000")
        assert len(app.charts.tables()[0].rows) == 50
        assert app.charts.twins()[0].startswith("loss (validation): #1 baseline")
        app.charts.show([])
        assert app.charts.loss.text == ""
        assert app.charts.tables() == []
        app.charts.show(records, {1: 4, 2: 7})
        await drawn(pilot, app.charts, "#2 other")


async def test_files_that_cannot_be_read_are_told_once(home: Home) -> None:
    (home.session(1) / "metrics.jsonl").write_text('{"format":999}\n')
    app = Host(home)
    async with app.run_test(size=(100, 20)) as pilot:
        app.charts.show([make_record(2)])
        await drawn(pilot, app.charts, "train")
        for _ in range(3):
            app.charts.show([make_record(1)])
            await until(pilot, lambda: app.charts._complaint, "it was tried")
        assert len(app._notifications) == 1
        assert app.charts.loss.text == "", "another session's curves are gone"
        app.charts.show([make_record(2)])
        await drawn(pilot, app.charts, "train")


async def test_an_event_appears_when_the_history_tells_of_it(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(120, 14)) as pilot:
        app.charts.show([make_record(1)])
        await drawn(pilot, app.charts, "train")
        history = HistoryWriter(home.session(1) / "history.jsonl")
        for second, text in ((0, "running"), (20, "paused")):
            history.append(
                HistoryEntry(event="changed", time=f"2026-01-01T00:00:{second:02d}.000Z", text=text)
            )
        app.charts.show([make_record(1, SessionState.PAUSED)])
        await drawn(pilot, app.charts, "‖ paused")


async def test_a_running_session_is_drawn_with_its_pause_and_read_by_keys(
    workspace: Workspace,
) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace)
    async with app.run_test(size=(160, 45), notifications=True) as pilot:
        assert isinstance(app.screen, SessionsScreen)
        charts = app.screen.charts
        await until(pilot, lambda: "train" in charts.loss.text, "a curve is drawn")
        workspace.request(Trigger.PAUSE, session_id)
        await until(pilot, lambda: "‖" in charts.loss.text, "the pause is marked")
        assert "‖ paused" in charts.loss.text
        await pilot.press("x")
        await until(pilot, lambda: "batches" in charts.loss.text, "batches are counted")
        await pilot.press("right")
        await until(pilot, lambda: "lr 0.001" in charts.loss.text, "values are read")


async def test_nothing_is_shown_before_a_session_is(home: Home) -> None:
    app = Host(home)
    async with app.run_test(size=(100, 20)):
        app.charts.move_cursor(3)
        assert (app.charts.loss.text, app.charts.twins(), app.charts.tables()) == ("", [], [])
