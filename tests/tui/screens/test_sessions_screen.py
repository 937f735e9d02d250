"""The table of sessions on a real supervisor: filtering, sorting, marking, labels, going to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.screens.compare import CompareScreen
from mnist_tui.tui.screens.devices import DevicesScreen
from mnist_tui.tui.screens.new_session import NewSessionScreen
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.widgets.session_table import SessionTable
from tests.tui.driving import (
    app_of,
    opened,
    seen,
    type_text,
    until,
    until_gone,
    until_seen,
    until_state,
    until_told,
)

if TYPE_CHECKING:
    from tests.harness import Workspace


def create_three(workspace: Workspace) -> tuple[int, int, int]:
    """Make three sessions that wait: learning rates 0.1, 0.01 and 0.001."""
    first, second, third = (
        workspace.create(name=f"rate-{rate}", is_held=True, parameters={"learning_rate": rate})
        for rate in ("0.1", "0.01", "0.001")
    )
    return first, second, third


async def test_the_table_follows_a_filter_while_it_is_typed(workspace: Workspace) -> None:
    _, second, third = create_three(workspace)
    async with opened(workspace, (100, 30), "rate-0.1") as (app, pilot):
        await pilot.press("slash")
        await type_text(pilot, "lr<")
        await until_seen(pilot, "✗ lr< needs a number")
        assert len(app.board.order) == 3
        await type_text(pilot, "0.05")
        await until(pilot, lambda: app.board.order == [third, second], "two are listed")
        await pilot.press("enter")
        await until_seen(pilot, "/lr<0.05: 2")
        await pilot.press("slash")
        await type_text(pilot, " nonsense")
        await until_seen(pilot, "No session matches /lr<0.05 nonsense")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.board.order) == 2, "the filter is as it was before")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.board.order) == 3, "all are listed again")


async def test_marked_sessions_are_acted_upon_together_after_one_question(
    workspace: Workspace,
) -> None:
    first, second, third = create_three(workspace)
    async with opened(workspace, (100, 30), "rate-0.1") as (app, pilot):
        await pilot.press("space", "space")
        await until_seen(pilot, "2 marked")
        await pilot.press("S")
        await until_seen(pilot, f"Stop 2 sessions (#{third}, #{second})?")
        await pilot.press("n")
        assert workspace.record(third).state is SessionState.QUEUED
        await pilot.press("S", "y")
        await until_state(pilot, third, SessionState.STOPPED)
        await until_state(pilot, second, SessionState.STOPPED)
        assert app.board.records[first].state is SessionState.QUEUED
        await pilot.press("asterisk")
        await until_seen(pilot, "3 marked")
        await pilot.press("K")
        await until_seen(pilot, f"Kill #{first} rate-0.1?")
        assert "2 others cannot be killed now" in " ".join(seen(app).split())
        await pilot.press("y")
        await until_state(pilot, first, SessionState.KILLED)
        await pilot.press("backslash")
        await until_gone(pilot, "3 marked")


async def test_names_tags_notes_and_pins_are_given_from_the_table(workspace: Workspace) -> None:
    first, _, third = create_three(workspace)
    async with opened(workspace, (120, 30), "rate-0.001") as (app, pilot):
        await pilot.press("r")
        await until_seen(pilot, f"name of #{third}: rate-0.001")
        await type_text(pilot, "-slow")
        await pilot.press("enter")
        await until_seen(pilot, "rate-0.001-slow")
        await pilot.press("t")
        await until_seen(pilot, f"tags of #{third}:")
        await type_text(pilot, "night +good")
        await pilot.press("enter")
        await until_seen(pilot, "+night +good")
        await pilot.press("i")
        await until_seen(pilot, f"note of #{third}:")
        await type_text(pilot, "see later")
        await pilot.press("enter")
        await until_seen(pilot, "see later")
        await pilot.press("G", "P")
        await until(pilot, lambda: app.board.order[0] == first, "the pinned one is on top")
        assert app.board.selected_id == first
        record = workspace.record(third)
        assert (record.name, record.tags, record.note) == (
            "rate-0.001-slow", ("night", "good"), "see later",
        )  # fmt: skip


async def test_a_label_that_is_refused_says_why(workspace: Workspace) -> None:
    workspace.create(name="fine", is_held=True)
    async with opened(workspace, (100, 30), "fine") as (_app, pilot):
        await pilot.press("r")
        await until_seen(pilot, "name of #1:")
        await type_text(pilot, "/../up")
        await pilot.press("enter")
        await until_seen(pilot, "✗ the name has '/'")
        assert workspace.record(1).name == "fine"
        await pilot.press(*["backspace"] * 6, "enter")
        await until_gone(pilot, "name of #1:")


async def test_digits_and_enter_go_to_a_session(workspace: Workspace) -> None:
    first, second, third = create_three(workspace)
    async with opened(workspace, (100, 30), "rate-0.1") as (app, pilot):
        assert app.board.selected_id == third
        await pilot.press(str(first))
        await until(pilot, lambda: app.board.selected_id == first, "the cursor follows the digits")
        await pilot.press("escape")
        await until(pilot, lambda: app.board.selected_id == third, "escape goes back")
        await pilot.press(str(second), "enter")
        await until(pilot, lambda: app.board.selected_id == second, "the cursor is there")
        await pilot.press("9", "9")
        await until_seen(pilot, "✗ there is no session 99")


async def test_the_order_and_the_columns_are_chosen_and_remembered(workspace: Workspace) -> None:
    create_three(workspace)
    async with opened(workspace, (160, 40), "rate-0.1") as (app, pilot):
        await pilot.press("o")
        await until_seen(pilot, "Sort by")
        await pilot.press("j", "enter")
        await until_seen(pilot, "NAME▴")
        await pilot.press("O")
        await until_seen(pilot, "NAME▾")
        names = [app.board.records[each].name for each in app.board.order]
        assert names == ["rate-0.1", "rate-0.01", "rate-0.001"]
        assert "MODEL" in seen(app)
        await pilot.press("V")
        await until_seen(pilot, "Columns, as far as they fit")
        await pilot.press("space", "enter")
        await until_gone(pilot, "Columns, as far as they fit")
        await until_gone(pilot, "MODEL")
        await pilot.press("q")
    again = app_of(workspace)
    async with again.run_test(size=(160, 40), notifications=True) as pilot:
        await until_seen(pilot, "rate-0.1")
        assert "NAME▾" in seen(again)
        assert "MODEL" not in seen(again)


async def test_the_cursor_follows_new_sessions_until_it_is_moved(workspace: Workspace) -> None:
    create_three(workspace)
    async with opened(workspace, (100, 30), "rate-0.1") as (app, pilot):
        await pilot.press("G", "f")
        await until_seen(pilot, "following")
        fourth = workspace.create(name="fourth", is_held=True)
        await until(pilot, lambda: app.board.selected_id == fourth, "the newest is selected")
        await pilot.press("j")
        await until_gone(pilot, "following")
        workspace.create(name="fifth", is_held=True)
        await until_seen(pilot, "fifth")
        assert app.board.selected_id not in (fourth, 5)


async def test_a_frozen_picture_stands_still_while_training_goes_on(workspace: Workspace) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    async with opened(workspace, (100, 30), "▶ running") as (app, pilot):
        await pilot.press("F")
        await until_seen(pilot, "frozen at")
        before = seen(app)
        step = workspace.record(session_id).progress.position.step
        await until(
            pilot,
            lambda: workspace.record(session_id).progress.position.step > step + 50,
            "training goes on",
        )
        assert seen(app) == before
        await pilot.press("F")
        await until_gone(pilot, "frozen at")
        await until(pilot, lambda: seen(app) != before, "the picture moves again")


async def test_the_palette_runs_actions_goes_to_sessions_and_changes_the_theme(
    workspace: Workspace,
) -> None:
    first, *_ = create_three(workspace)
    async with opened(workspace, (100, 30), "rate-0.1") as (app, pilot):
        await pilot.press("colon")
        await until_seen(pilot, "key n")
        await type_text(pilot, "theme light")
        await until_seen(pilot, "theme light")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.theme == "light", "the theme is light")
        await pilot.press("ctrl+p")
        await type_text(pilot, f"#{first} rate")
        await until_seen(pilot, f"#{first} rate-0.1")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen), "the session is open")
        assert isinstance(app.screen, SessionScreen)
        assert app.screen.focus_record is app.board.records[first]
    assert app.services.views.settings.theme == "light"


async def test_help_is_searched(workspace: Workspace) -> None:
    create_three(workspace)
    async with opened(workspace, (80, 24), "rate-0.1") as (app, pilot):
        await pilot.press("question_mark", "slash")
        await type_text(pilot, "checkpoint")
        await until_seen(pilot, "Keep a named checkpoint")
        await until_gone(pilot, "Open the form for a new session")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen), "the help is closed")


async def test_other_screens_open_from_the_table(workspace: Workspace) -> None:
    _, second, third = create_three(workspace)
    async with opened(workspace, (120, 40), "rate-0.1") as (app, pilot):
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DevicesScreen), "devices")
        await pilot.press("q", "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen), "this and the next")
        await until_seen(pilot, f"#{third} rate-0.001")
        assert f"#{second} rate-0.01" in seen(app)
        await pilot.press("q", "G", "C")
        await until(pilot, lambda: isinstance(app.screen, NewSessionScreen), "the form")
        assert isinstance(app.screen, NewSessionScreen)
        assert app.screen.form.typed()["learning_rate"] == "0.1"


async def test_queued_sessions_change_places(workspace: Workspace) -> None:
    first, second, third = create_three(workspace)
    async with opened(workspace, (120, 30), "rate-0.1") as (app, pilot):
        running = [workspace.create() for _ in range(3)]
        await until_state(pilot, running[0], SessionState.RUNNING)
        await pilot.press("g")
        await until_seen(pilot, "1st in the queue")
        fourth = workspace.create()
        await until(pilot, lambda: fourth in app.board.order, "another one waits")
        await pilot.press("g")
        await until_seen(pilot, "2nd in the queue")
        await pilot.press("less_than_sign")
        await until_seen(pilot, "1st in the queue")
        await pilot.press("G", "less_than_sign")
        assert {first, second, third} <= set(app.board.order)


async def test_an_empty_answer_is_told_and_nothing_is_asked(workspace: Workspace) -> None:
    async with opened(workspace, (80, 24), "No sessions yet") as (app, pilot):
        for key in ("c", "space", "r", "P", "C", "enter"):
            await pilot.press(key)
            await until_told(pilot, "press n to make one")
            app.clear_notifications()


async def test_palette_and_help_offer_what_applies_to_a_marked_session(
    workspace: Workspace,
) -> None:
    running = workspace.create(name="trains")
    workspace.create(name="waits", is_held=True)
    workspace.reach(running, SessionState.RUNNING)
    async with opened(workspace, (100, 40), "▶ running") as (_app, pilot):
        await pilot.press("colon")
        await type_text(pilot, "no more batches")
        await until_seen(pilot, "No matches found")
        await pilot.press("escape", "j", "space", "k")
        await until_seen(pilot, "1 marked")
        await pilot.press("colon")
        await type_text(pilot, "no more batches")
        await until_seen(pilot, "pause: No more batches")
        await pilot.press("escape", "question_mark")
        await until_seen(pilot, "pause       No more batches")


async def test_no_column_lies_under_the_scroll_bar(workspace: Workspace) -> None:
    for number in range(12):
        workspace.create(name=f"many-{number}", is_held=True)
    async with opened(workspace, (120, 18), "many-11") as (app, pilot):
        table = app.screen.query_one(SessionTable)
        await until(pilot, lambda: table.show_vertical_scrollbar, "more sessions than rows")
        await until_seen(pilot, "ETA")


async def test_long_names_that_begin_alike_can_be_told_apart(workspace: Workspace) -> None:
    for rate in ("0.01", "0.001"):
        workspace.create(name=f"sweep-of-the-learning-rate-{rate}", is_held=True)
    async with opened(workspace, (80, 24), "held") as (_app, pilot):
        await until_seen(pilot, "e-0.01 ")
        await until_seen(pilot, "e-0.001 ")
        workspace.create(name="sweep-of-the-learning-rate-0.0001", is_held=True)
        await until_seen(pilot, "e-0.0001 ")
