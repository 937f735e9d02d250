"""Boxes stand in the middle, above what they are about, which stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.driving import SIZES, opened, seen, until, until_seen

if TYPE_CHECKING:
    from tests.harness import Workspace


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("key", "text"), [("question_mark", "Keys: Sessions"), ("o", "Sort by")])
async def test_a_box_is_in_the_middle_and_what_is_below_stays_in_sight(
    workspace: Workspace, size: tuple[int, int], key: str, text: str
) -> None:
    workspace.create(name="below", is_held=True)
    async with opened(workspace, size, "below") as (app, pilot):
        await pilot.press(key)
        await until_seen(pilot, text)
        box = app.screen.query_one("#box").region
        left, right = box.x, size[0] - box.right
        above, below = box.y, size[1] - box.bottom
        assert abs(left - right) <= 1
        assert abs(above - below) <= 1
        assert left > 0
        await until_seen(pilot, "mnist-tui")
        await pilot.press("escape")
        await until(pilot, lambda: text not in seen(app), "it closed")
