"""The line that asks at the bottom: nothing lies over what is typed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key

from tests.tui.driving import app_of, type_text, until_gone, until_seen

if TYPE_CHECKING:
    from tests.harness import Workspace


async def test_what_was_said_before_makes_room_for_what_is_asked(workspace: Workspace) -> None:
    workspace.create(name="first", is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "first")
        app.notify("A sentence of fifty letters that takes its room here.", timeout=60)
        await until_seen(pilot, "A sentence of fifty letters")
        await pilot.press("r")
        await until_gone(pilot, "A sentence")
        await type_text(pilot, " with a name as long as the room")
        await until_seen(pilot, "name of #1: first with a name as long as the room")


async def test_keys_that_come_at_once_edit_in_their_order(workspace: Workspace) -> None:
    workspace.create(name="first", is_held=True)
    app = app_of(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "first")
        await pilot.press("r")
        await until_seen(pilot, "name of #1: first")
        # A link that lags brings them in one piece.
        for key in ("ctrl+u", "0", "5", "backspace", "2", "left", "x", "home", "y"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until_seen(pilot, "name of #1: y0x2 ")
