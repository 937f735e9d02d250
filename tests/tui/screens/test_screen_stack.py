"""Screens over screens: what goes, what stays, and keys that come faster than screens open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.requests import Create
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.modals.help import Help
from mnist_tui.tui.screens.compare import CompareScreen
from mnist_tui.tui.screens.devices import DevicesScreen
from mnist_tui.tui.screens.new_session import NewSessionScreen
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.widgets.text_prompt import TextPrompt
from tests.tui.driving import app_of, seen, type_text, until, until_seen, until_told

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.screen import Screen

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.app.app import MnistTuiApp
    from tests.harness import Workspace

SIZE = (120, 40)


async def until_on(pilot: Pilot[str], kind: type[Screen[Any]]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), f"on {kind.__name__}")


async def until_connected(pilot: Pilot[str], app: MnistTuiApp) -> None:
    await until(pilot, lambda: app._is_connected, "connected")


def remove(workspace: Workspace, session_id: int) -> None:
    workspace.request(Trigger.STOP, session_id)
    workspace.reach(session_id, SessionState.STOPPED)
    workspace.request(Trigger.REMOVE, session_id)


@pytest.mark.parametrize(
    ("keys", "kind", "sentence"),
    [
        (("enter",), SessionScreen, "is in the trash."),
        (("c",), CompareScreen, "There is nothing left to compare with."),
    ],
)
async def test_a_screen_whose_session_goes_leaves_once_nothing_lies_above_it(
    workspace: Workspace, keys: tuple[str, ...], kind: type[Screen[Any]], sentence: str
) -> None:
    ids = [workspace.create(is_held=True) for _ in range(2)]
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        await pilot.press(*keys)
        await until_on(pilot, kind)
        await pilot.press("question_mark")
        await until_on(pilot, Help)
        remove(workspace, ids[1])
        await until_told(pilot, sentence)
        assert isinstance(app.screen, Help)
        await pilot.press("escape")
        await until_on(pilot, SessionsScreen)
        assert app.board.order == ids[:1]


async def test_a_refresh_while_the_screens_are_taken_down_finds_nothing_to_do(
    workspace: Workspace,
) -> None:
    workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=SIZE) as pilot:
        await until_connected(pilot, app)
        await pilot.press("enter")
        await until_on(pilot, SessionScreen)
    app._tick()
    app._show(app.board.replace([]))
    assert not app.failure


async def test_a_key_that_comes_twice_at_once_opens_one_line(workspace: Workspace) -> None:
    workspace.create(name="steady", is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_seen(pilot, "steady")
        for _ in range(3):
            app.post_message(Key("slash", "/"))
        await until(pilot, lambda: len(app.screen.query(TextPrompt)) == 1, "the line is there")
        await pilot.pause()
        assert len(app.screen.query(TextPrompt)) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(TextPrompt), "the line is gone")


async def test_a_form_that_is_left_while_it_makes_sessions_makes_all_of_them(
    workspace: Workspace,
) -> None:
    app = app_of(
        workspace, dataset="digits", hold="yes", name="left", learning_rate="0.1,0.01,0.001"
    )
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        ask = app.services.sender.request

        async def leave_at_the_first(kind: Any, **fields: Any) -> Any:
            if kind is Create and not fields.get("is_dry_run") and not made:
                made.append(fields["name"])
                await pilot.press("escape")
                await until_on(pilot, SessionsScreen)
            return await ask(kind, **fields)

        made: list[str] = []
        app.services.sender.request = leave_at_the_first
        await pilot.press("n")
        await until_on(pilot, NewSessionScreen)
        await pilot.press("ctrl+r")
        await until_told(pilot, "3 sessions were made")
        assert len(app.board.records) == 3


async def test_a_screen_opened_over_a_frozen_picture_says_so(workspace: Workspace) -> None:
    workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        await pilot.press("F")
        await until_seen(pilot, "frozen at")
        await pilot.press("enter")
        await until_on(pilot, SessionScreen)
        await until_seen(pilot, "frozen at")
        await pilot.press("escape", "d")
        await until_on(pilot, DevicesScreen)
        await until_seen(pilot, "frozen at")


async def test_the_layers_are_asked_for_once_however_long_the_answer_takes(
    workspace: Workspace,
) -> None:
    workspace.create(is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        answer, num_asked, ticks = app.services.sender.layers, 0, 0

        async def count(record: SessionRecord) -> dict[str, Any]:
            nonlocal num_asked
            num_asked += 1
            await until(pilot, lambda: ticks > 3, "the screen was refreshed meanwhile")
            return await answer(record)

        app.services.sender.layers = count  # type: ignore[method-assign]
        await pilot.press("enter", "2")
        await until_seen(pilot, "asking for the layers")
        tick = app.screen.tick  # type: ignore[attr-defined]

        def count_tick() -> None:
            nonlocal ticks
            ticks += 1
            tick()

        app.screen.tick = count_tick  # type: ignore[attr-defined]
        await until_seen(pilot, "SHARE")
        assert num_asked == 1


async def test_what_cannot_be_read_is_said_on_its_page(workspace: Workspace) -> None:
    session_id = workspace.create(is_held=True)
    folder = workspace.home.session(session_id)
    (folder / "checkpoints").write_text("no folder")
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        await pilot.press("enter", "4")
        await until_seen(pilot, "The checkpoints cannot be read in")
        assert app.is_running


async def test_a_tag_with_a_blank_stays_one_and_what_others_tagged_meanwhile_stays(
    workspace: Workspace,
) -> None:
    session_id = workspace.create(is_held=True, tags=("night run", "old"))
    app = app_of(workspace)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_connected(pilot, app)
        await pilot.press("t")
        await until_seen(pilot, f"tags of #{session_id}:")
        await type_text(pilot, " new")
        await pilot.press("enter")
        await until(
            pilot,
            lambda: app.board.records[session_id].tags == ("night run", "old", "new"),
            "the tag was added",
        )
        assert "+night run" in seen(app)
