"""Screens that are left while they still work on something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.widgets import Static

from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from tests.tui.driving import services_in

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult


class Answer(Static):
    """What is found out only once this widget is taken down."""

    def __init__(self, is_known: asyncio.Event) -> None:
        super().__init__("not known yet")
        self._is_known = is_known

    def on_unmount(self) -> None:
        self._is_known.set()


class Asking(BaseScreen):
    """Shows an answer as soon as it is known."""

    def __init__(self, folder: Path) -> None:
        super().__init__(services_in(folder))
        self._is_known = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Answer(self._is_known)

    def on_mount(self) -> None:
        self._ask()

    @work
    async def _ask(self) -> None:
        await self._is_known.wait()
        self.query_one(Answer).update("known")


async def test_an_answer_that_comes_while_its_screen_is_taken_down_ends_nothing(
    tmp_path: Path,
) -> None:
    app = TerminalApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Asking(tmp_path))
        await pilot.pause()
        app.screen.dismiss()
        await pilot.pause(0.2)
        assert app.is_running
        assert len(app.screen_stack) == 1


async def test_an_answer_that_comes_while_the_app_is_taken_down_is_for_nobody(
    tmp_path: Path,
) -> None:
    app = TerminalApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Asking(tmp_path))
        await pilot.pause()
    assert not app.is_running
