"""The report from the screens: of what is marked, or selected, or compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mnist_tui.tui.modals.export_prompt import ExportPrompt
from mnist_tui.tui.screens.compare import CompareScreen
from tests.tui.driving import opened, until, until_seen, until_told

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.harness import Workspace

HELD = {"epochs": "3", "filters": "4"}


async def write_report(pilot: Pilot[str], path: Path) -> list[str]:
    """Write the report of what is in sight, with keys, and return the titles of its parts."""
    await pilot.press("w")
    await until(pilot, lambda: isinstance(pilot.app.screen, ExportPrompt), "it asks where to")
    prompt = pilot.app.screen
    assert isinstance(prompt, ExportPrompt)
    await until_seen(pilot, "another format")
    await pilot.press("shift+tab")
    await until_seen(pilot, "[HTML report]")
    prompt.name_field.value = str(path)
    await pilot.press("enter")
    await until_told(pilot, "Wrote")
    return re.findall(r"<h2[^>]*>(.*)</h2>", path.read_text(encoding="utf-8"))


async def test_the_selected_session_or_the_marked_ones_are_reported(
    workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("first", "second", "third"):
        workspace.create(is_held=True, parameters=HELD, name=name)
    async with opened(workspace, (100, 30), "third") as (app, pilot):
        await pilot.press("G")
        selected = app.board.selected_id
        name = {1: "first", 2: "second", 3: "third"}[selected or 0]
        assert await write_report(pilot, tmp_path / "one.html") == [f"#{selected} {name}"]
        await pilot.press("*")
        titles = await write_report(pilot, tmp_path / "all.html")
        assert titles[:3] == ["Results", "Curves over each other", "Comparison"]
        assert sorted(titles[3:]) == ["#1 first", "#2 second", "#3 third"]


async def test_what_is_compared_is_reported(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        workspace.create(is_held=True, parameters=HELD, name=name)
    async with opened(workspace, (100, 30), "third") as (app, pilot):
        await app.push_screen(CompareScreen(app.services, (1, 3)))
        await until_seen(pilot, "same parameters")
        titles = await write_report(pilot, tmp_path / "two.html")
        assert titles[3:] == ["#1 first", "#3 third"]
