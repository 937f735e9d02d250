"""The line of pages: every name is there in a usual terminal, every number in a small one."""

from __future__ import annotations

import pytest

from mnist_tui.tui.sessions.page_tabs import TABS, number_of, tab_line


@pytest.mark.parametrize("chosen", TABS)
@pytest.mark.parametrize(("width", "num_named"), [(60, 1), (80, 9), (160, 9)])
def test_pages_are_named_where_there_is_room_and_numbered_everywhere(
    chosen: str, width: int, num_named: int
) -> None:
    line = tab_line(chosen, width)
    assert line.cell_length <= width
    words = line.plain.split()
    assert [word for word in words if word.isdigit()] == [number_of(name) for name in TABS]
    assert sum(word.isalpha() for word in words) == num_named
