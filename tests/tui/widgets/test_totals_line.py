from __future__ import annotations

from collections import Counter

import pytest
from textual.app import App, ComposeResult

from mnist_tui.tui.terminal.themes import DARK
from mnist_tui.tui.widgets.totals_line import TotalsLine

DEVICES, OUTLOOK = "cpu 93 %  mem  4.1/24 GiB", "all done in 9m02"


class _Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield TotalsLine("~/sessions")


@pytest.mark.parametrize(
    ("width", "parts"),
    [
        (120, ("~/sessions", "2 running", DEVICES, OUTLOOK)),
        (80, ("~/sessions", "2 running", DEVICES)),
        (60, ("~/sessions", "2 running")),
        (30, ("2 running",)),
    ],
)
async def test_the_home_stays_in_sight_before_devices_and_devices_before_the_outlook(
    width: int, parts: tuple[str, ...]
) -> None:
    app = _Shown()
    async with app.run_test(size=(width, 5)):
        line = app.query_one(TotalsLine)
        line.show(Counter(running=2, queued=1), DEVICES, OUTLOOK)
        text = line.render().plain
        assert len(text) < width
        for part in ("~/sessions", "2 running", DEVICES, OUTLOOK):
            assert (part in text) == (part in parts), text
