"""The heat of cells: read in every theme, never said by colour alone."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.color import Color

from mnist_tui.tui.terminal.line_styles import HEAT_LEVELS, heat_role, styles_in
from mnist_tui.tui.terminal.themes import THEMES
from tests.tui.terminal.test_themes import TEXT, contrast


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_can_be_read_on_every_heat(theme: str) -> None:
    styles = styles_in(theme)
    heats = [role for role in styles if role.startswith(("right-", "wrong-"))]
    assert len(heats) == 2 * HEAT_LEVELS
    for role in heats:
        letters, _, ground = styles[role].removeprefix("bold ").partition(" on ")
        assert contrast(Color.parse(letters), Color.parse(ground)) >= TEXT, role


@pytest.mark.parametrize("theme", THEMES)
def test_every_role_is_a_style(theme: str) -> None:
    for text in styles_in(theme).values():
        Style.parse(text)


def test_a_larger_share_is_hotter_and_even_one_mistake_is_seen() -> None:
    levels = [heat_role("wrong", share / 100) for share in range(101)]
    assert levels[0] == ""
    assert levels[1] == "wrong-1"
    assert levels[-1] == f"wrong-{HEAT_LEVELS}"
    assert levels == sorted(levels)
    assert levels[25] == f"wrong-{HEAT_LEVELS // 2}"
