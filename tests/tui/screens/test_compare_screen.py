"""The compare screen on a real supervisor: what a person does, and what they then see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.app.app import MnistTuiApp
from mnist_tui.tui.screens.compare import CompareScreen, read_accuracy
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.state.view_settings import ViewMemory
from mnist_tui.tui.text.table import value_of
from tests.harness import SMALL_ENDLESS
from tests.tui.driving import seen, until, until_seen, until_told

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.harness import Workspace

SHORT = {"epochs": "2", "batch_size": "64", "filters": "4", "log_every": "5"}
SIZES = [(80, 24), (120, 40), (200, 60)]


def app_of(workspace: Workspace, folder: Path) -> MnistTuiApp:
    return MnistTuiApp(
        workspace.home, workspace.data_dir, 0.2, views=ViewMemory(folder / "view.json")
    )


async def compare(pilot: Pilot[str], *session_ids: int) -> CompareScreen:
    """Open the comparison of sessions and wait until it is worked out."""
    app = pilot.app
    assert isinstance(app, MnistTuiApp)
    await until(pilot, lambda: set(session_ids) <= set(app.board.records), "all are known")
    await app.push_screen(CompareScreen(app.services, session_ids))
    screen = app.screen
    assert isinstance(screen, CompareScreen)
    await until(pilot, lambda: bool(screen.table.chosen_measure), "the rows are there")
    return screen


def held(workspace: Workspace, count: int) -> list[int]:
    """Make sessions that never start and differ in their seeds."""
    return [
        workspace.create(is_held=True, parameters=SMALL_ENDLESS | {"seed": str(seed)})
        for seed in range(count)
    ]


def columns(screen: CompareScreen) -> list[str]:
    """Return the IDs in the header of the table, in order."""
    header = screen.table.text.splitlines()[0]
    return [word for word in header.split() if word.startswith("#")]


@pytest.mark.parametrize("size", SIZES)
async def test_what_differs_and_what_it_did_is_seen_at_every_size(
    workspace: Workspace, tmp_path: Path, size: tuple[int, int]
) -> None:
    base = workspace.create(parameters=SHORT, name="baseline")
    hot = workspace.create(parameters=SHORT | {"learning_rate": "1.0"}, name="hot")
    for session_id in (base, hot):
        workspace.reach(session_id, SessionState.FINISHED)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = await compare(pilot, base, hot)
        await until_seen(pilot, "learning rate")
        assert "1 parameter differs" in seen(app)
        assert f"● #{base} baseline" in seen(app)
        assert f"○ #{hot} hot" in seen(app)
        assert "✓ finished base" in seen(app)
        lines = screen.table.text.splitlines()
        rate, accuracy = lines[2], lines[3]
        assert rate.split() == ["▌learning", "rate", "0.001", "1≠"]
        assert accuracy.startswith(" validation accuracy %")
        assert "*" in accuracy
        assert "-" in accuracy
        await until(pilot, lambda: "accuracy" in screen.charts.accuracy.text, "curves are drawn")
        changed = f"#{hot} differs in learning_rate (1 against 0.001): validation"
        await until_seen(pilot, changed)
        await pilot.press("l")
        await until_seen(pilot, changed)


async def test_y_copies_what_charts_and_table_say_in_words(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = [workspace.create(parameters=SHORT), workspace.create(parameters=SHORT | {"seed": "1"})]
    for session_id in ids:
        workspace.reach(session_id, SessionState.FINISHED)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        await until(pilot, lambda: screen.charts.twins(), "curves are read")
        loss, accuracy, differ, *sentences = screen.copy_text().splitlines()
        assert loss.startswith(f"loss (validation): #{ids[0]} ")
        assert accuracy.startswith(f"accuracy (validation): #{ids[0]} ")
        assert differ == "1 parameter differs: seed."
        assert f"#{ids[0]} is the baseline." in sentences
        assert sentences[-1].startswith(f"#{ids[1]} differs from #{ids[0]} in the seed")


async def test_the_table_follows_sessions_that_train(workspace: Workspace, tmp_path: Path) -> None:
    first, second = workspace.create(), workspace.create(parameters=SMALL_ENDLESS | {"seed": "1"})
    for session_id in (first, second):
        workspace.reach(session_id, SessionState.RUNNING)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, first, second)
        await until(pilot, lambda: "validation accuracy" in screen.table.text, "a first validation")
        before = screen.table.text
        await until(pilot, lambda: screen.table.text != before, "the figures move")
        workspace.request(Trigger.STOP, second)
        await until(pilot, lambda: "■ stopped" in screen.table.text, "the state is seen")


async def test_a_reading_that_ends_while_the_screen_goes_away_harms_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 2)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        await screen.remove_children()
        screen.action_baseline()
        await until(
            pilot,
            lambda: screen._view is not None and screen._view.baseline_id == ids[1],
            "the reading has ended",
        )


async def test_sessions_beyond_the_width_are_reached_with_h_and_l(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 5)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        assert columns(screen) == [f"#{session_id}" for session_id in ids[:3]]
        assert "1–3 of 5 ›" in screen.table.text
        await pilot.press("l", "l", "l")
        assert screen.table.chosen_id == ids[3]
        assert columns(screen) == [f"#{session_id}" for session_id in ids[1:4]]
        await pilot.press(*"llll")
        assert screen.table.chosen_id == ids[4]
        await pilot.press(*"hhhhhh")
        assert screen.table.chosen_id == ids[0]
        assert columns(screen) == [f"#{session_id}" for session_id in ids[:3]]
        await pilot.resize_terminal(150, 40)
        await until(pilot, lambda: len(columns(screen)) == 5, "all are in sight")


async def test_rows_beyond_the_height_are_reached_and_explained(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = [workspace.create(parameters=SHORT), workspace.create(parameters=SHORT | {"seed": "1"})]
    for session_id in ids:
        workspace.reach(session_id, SessionState.FINISHED)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        await until(pilot, lambda: "validation accuracy" in screen.table.text, "metrics are there")
        assert "checkpoint" not in screen.table.text
        await pilot.press("G")
        assert "▌checkpoint" in screen.table.text
        await until_seen(pilot, "The newest checkpoint: weights and the optimiser's state")
        await pilot.press("g", "j")
        assert "▌validation accuracy %" in screen.table.text
        await until_seen(pilot, "Top-1 accuracy of the last weights")
        await pilot.press("ctrl+d", "ctrl+u", "pagedown", "pageup", "k")
        assert "▌seed" in screen.table.text


async def test_b_takes_differences_to_the_chosen_session(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 3)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        assert f"baseline #{ids[0]}" in seen(app)
        await pilot.press("l", "l", "b")
        await until_seen(pilot, f"baseline #{ids[2]}")
        await until(pilot, lambda: "2 \n" not in screen.table.text, "marks are redrawn")
        seeds = screen.table.text.splitlines()[2]
        assert seeds.split()[1:] == ["0≠", "1≠", "2"]
        await until_seen(pilot, f"#{ids[2]} is the baseline.")
        await pilot.press("b")  # the chosen one is it already, so the next becomes it
        await until_seen(pilot, f"baseline #{ids[0]}")


async def test_the_accuracy_to_reach_is_asked_for_checked_and_remembered(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = [workspace.create(parameters=SHORT), workspace.create(parameters=SHORT | {"seed": "1"})]
    for session_id in ids:
        workspace.reach(session_id, SessionState.FINISHED)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await compare(pilot, *ids)
        await pilot.press("A")
        await until_seen(pilot, "accuracy to reach, %:")
        await pilot.press(*"high", "enter")
        await until_seen(pilot, "✗ give a number, as 98 or 98.5")
        for _ in "high":
            await pilot.press("backspace")
        await pilot.press(*"1.5", "enter")
        await until_seen(pilot, "accuracy to reach 1.5 %")
        await until_seen(pilot, "epochs to 1.5 %")
        assert app.services.views.settings.accuracy_target == pytest.approx(0.015)


async def test_enter_opens_the_chosen_session_and_q_comes_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = [workspace.create(is_held=True), workspace.create(is_held=True)]
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: len(app.board.order) == 2, "both are known")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "they are compared")
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        await until_seen(pilot, "Compare 2 sessions  same parameters")
        await pilot.press("l")
        chosen = screen.table.chosen_id
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen), "it is open")
        assert app.board.selected_id == chosen
        await pilot.press("q")
        await until(pilot, lambda: app.screen is screen, "back at the comparison")
        assert screen.table.chosen_id == chosen
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "back at the list")
        assert set(ids) == set(app.board.order)


async def test_a_session_that_is_removed_leaves_and_the_last_one_is_not_compared(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 3)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        await pilot.press("l", "l")
        workspace.request(Trigger.KILL, ids[0])
        workspace.request(Trigger.REMOVE, ids[0])
        await until(pilot, lambda: columns(screen) == [f"#{ids[1]}", f"#{ids[2]}"], "it has gone")
        assert screen.table.chosen_id == ids[2]
        await until_seen(pilot, f"baseline #{ids[1]}")
        # Its marker stays its own.
        assert f"○ #{ids[1]}" in seen(app)
        workspace.request(Trigger.KILL, ids[1])
        workspace.request(Trigger.REMOVE, ids[1])
        await until_told(pilot, "There is nothing left to compare with.")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "back at the list")


async def test_sessions_removed_under_an_open_one_end_the_comparison_on_the_way_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 2)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await compare(pilot, *ids)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen), "one is open")
        workspace.request(Trigger.KILL, ids[1])
        workspace.request(Trigger.REMOVE, ids[1])
        await until(pilot, lambda: ids[1] not in app.board.records, "the other has gone")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "back at the list")


async def test_metrics_that_cannot_be_read_are_told_and_end_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = held(workspace, 2)
    (workspace.home.session(ids[1]) / "metrics.jsonl").write_text('{"format": 99}\n')
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: len(app.board.order) == 2, "both are known")
        await pilot.press("c")
        await until_told(pilot, "metrics.jsonl")
        assert isinstance(app.screen, CompareScreen)
        assert f"#{ids[1]}" in seen(app)


async def test_what_is_seen_can_be_exported(workspace: Workspace, tmp_path: Path) -> None:
    ids = [workspace.create(parameters=SHORT), workspace.create(parameters=SHORT | {"seed": "1"})]
    for session_id in ids:
        workspace.reach(session_id, SessionState.FINISHED)
    app = app_of(workspace, tmp_path)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await compare(pilot, *ids)
        await until(pilot, lambda: screen.charts.tables(), "curves are read")
        table = screen.exporter()()[0]
        assert table.title == f"Comparison with #{ids[0]}"
        assert [value_of(cell) for cell in table.rows[0]] == ["seed", 0, 1, None]
        assert len(screen.exporter()()) > 1


@pytest.mark.parametrize(
    ("text", "accuracy"),
    [("98", 0.98), (" 98.5 % ", 0.985), ("0.98", 0.98), ("97,5", 0.975), ("100", 1.0), ("", None)],
)
def test_an_accuracy_is_typed_as_per_cent_or_fraction(text: str, accuracy: float | None) -> None:
    assert read_accuracy(text) == accuracy


@pytest.mark.parametrize("text", ["0", "-3", "101", "nan", "inf", "high", "9 8"])
def test_what_is_no_accuracy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="give a number"):
        read_accuracy(text)
