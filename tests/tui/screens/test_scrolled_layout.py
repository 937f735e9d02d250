"""Terminal contents after a screen is scrolled and laid out again in the same frame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from tests.deadlines import patient
from tests.tui.driving import services_in

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

SCROLLBAR = " ▁▂▃▄▅▆▇█"


class Tall(BaseScreen):
    """Sixty lines and a note."""

    CSS = "#note { height: 1; } VerticalScroll { height: 1fr; }"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for number in range(60):
                yield Static(f"line {number}")
        yield Static("short", id="note")


def drawn(app: TerminalApp) -> list[str]:
    """Return what was sent to the terminal, line by line."""
    rows = app._frames._rows
    lines = ("".join(cell[0] for cell in rows[y] if cell) for y in sorted(rows))
    return [line.rstrip(SCROLLBAR) for line in lines]


def composed(app: TerminalApp) -> list[str]:
    """Return what Textual composed, line by line."""
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip(SCROLLBAR) for strip in strips]


async def test_lines_that_scrolled_back_while_the_layout_changed_are_drawn(tmp_path: Path) -> None:
    app = TerminalApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Tall(services_in(tmp_path)))
        await pilot.pause()
        scroll, note = app.screen.query_one(VerticalScroll), app.screen.query_one("#note", Static)
        for y, text in ((20, ""), (0, "longer"), (30, ""), (0, "short")):
            with app.batch_update():  # both are known before anything is drawn
                scroll.scroll_to(y=y, animate=False)
                if text:
                    note.update(text)
                await pilot.pause()
            deadline = time.monotonic() + patient(2)
            while drawn(app) != composed(app):
                assert time.monotonic() < deadline, f"after scrolling to {y}"
                await pilot.pause(0.02)
