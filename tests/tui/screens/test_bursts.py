"""Keys that come in one burst, as over a slow link: what a key was meant for is gone already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from textual import events

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.modals.export_prompt import ExportPrompt
from mnist_tui.tui.screens.devices import DevicesScreen
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from tests.tui.driving import app_of, opened, type_text, until, until_seen, until_state

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.harness import Workspace

CHARACTERS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "slash": "/", "question_mark": "?", "colon": ":",
    "down": None,
}  # fmt: skip


async def press_at_once(pilot: Pilot[str], key: str, times: int) -> None:
    """Press a key several times before the screen has looked at the first one."""
    for _ in range(times):
        pilot.app.post_message(events.Key(key, CHARACTERS.get(key, key)))
    await pilot.pause()
    await pilot.pause()


async def test_enter_pressed_many_times_runs_what_the_palette_found_once(
    workspace: Workspace,
) -> None:
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await type_text(pilot, "devices")
        await until_seen(pilot, "key d")
        await press_at_once(pilot, "enter", 4)
        await until(pilot, lambda: isinstance(pilot.app.screen, DevicesScreen), "devices are shown")
        assert len(pilot.app.screen_stack) == 2
        assert pilot.app.is_running


@pytest.mark.parametrize(("opening", "closing"), [("o", "enter"), ("V", "enter"), ("w", "escape")])
async def test_a_box_closes_once_however_often_its_key_comes(
    workspace: Workspace, opening: str, closing: str
) -> None:
    workspace.create(is_held=True)
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "#1 ")
        await pilot.press(opening)
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2, "the box is open")
        await press_at_once(pilot, closing, 3)
        await until(pilot, lambda: pilot.app.is_running, "the screen goes on")
        assert len(pilot.app.screen_stack) >= 1
        assert isinstance(pilot.app.screen_stack[0], SessionsScreen)


async def test_yes_pressed_many_times_answers_one_question(workspace: Workspace) -> None:
    session_id = workspace.create(is_held=True)
    workspace.request(Trigger.STOP, session_id)
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        await until_state(pilot, session_id, SessionState.STOPPED)
        await until_seen(pilot, "stopped")
        await pilot.press("D")
        await until_seen(pilot, "to the trash?")
        await press_at_once(pilot, "y", 4)
        await until_seen(pilot, "No sessions yet")
        assert pilot.app.is_running


@pytest.mark.parametrize("opening", ["o", "V", "colon"])
async def test_a_page_further_in_a_list_without_room_ends_nothing(
    workspace: Workspace, opening: str
) -> None:
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        await pilot.press(opening, "pagedown")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2, "the box is open")
        await pilot.resize_terminal(1, 1)
        await pilot.press("pagedown", "pageup", "end", "home")
        await pilot.resize_terminal(80, 24)
        await pilot.press("pagedown", "escape")
        await until_seen(pilot, "No sessions yet")


@pytest.mark.parametrize("keys", ["w tab", "w tab escape tab", "question_mark slash", "o j enter",
                                  "V enter", "colon down enter", "n tab", "d j"])  # fmt: skip
async def test_keys_for_a_screen_that_is_only_opening_end_nothing(
    workspace: Workspace, keys: str
) -> None:
    workspace.create(is_held=True)
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "#1 ")
        for key in keys.split():
            pilot.app.post_message(events.Key(key, CHARACTERS.get(key, key)))
        await pilot.pause()
        await pilot.press("f12")
        assert pilot.app.is_running


async def test_no_key_reaches_a_box_before_it_is_there(workspace: Workspace) -> None:
    async with app_of(workspace).run_test(size=(80, 24)) as pilot:
        prompt = ExportPrompt([], str, "sessions")
        assert prompt.check_action("change_format", (1,)) is False
        await pilot.app.push_screen(prompt)
        assert prompt.check_action("change_format", (1,))


async def test_news_for_a_screen_that_is_only_opening_end_nothing(workspace: Workspace) -> None:
    session_id = workspace.create(is_held=True, name="news")
    async with opened(workspace, (80, 24), "news") as (app, pilot):
        record = app.board.records[session_id]
        app.push_screen(SessionScreen(app.services, session_id))
        app._show(app.board.put(replace(record, name="newer")))
        await until_seen(pilot, "#1 newer")
        assert app.is_running


async def test_keys_in_one_packet_meet_the_screen_that_those_before_them_left(
    workspace: Workspace,
) -> None:
    first, second, third = (
        workspace.create(name=name, is_held=True) for name in ("first", "second", "third")
    )
    async with opened(workspace, (100, 30), "third") as (app, pilot):
        for key in (str(second), "enter", "enter", "3", "S"):
            app.post_message(events.Key(key, CHARACTERS.get(key, key)))
        await until_state(pilot, second, SessionState.STOPPED)
        assert isinstance(app.screen, SessionScreen)
        await until_seen(pilot, "learning_rate")  # the third page: parameters
        others = [workspace.record(each).state for each in (first, third)]
        assert others == [SessionState.QUEUED] * 2
