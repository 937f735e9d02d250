"""The line of pages: every name is there in a usual terminal, every number in a small one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.pages.page_table import PAGES, tab_line
from mnist_tui.tui.screens.session import SessionScreen
from tests.tui.driving import services_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("width", "num_named"), [(60, 1), (160, len(PAGES))])
async def test_pages_are_named_where_there_is_room_and_numbered_everywhere(
    tmp_path: Path, width: int, num_named: int
) -> None:
    pages = SessionScreen(services_in(tmp_path), 1).pages
    for page in pages:
        line = tab_line(pages, page, width)
        assert line.cell_length <= width
        words = line.plain.split()
        assert [word for word in words if word.isdigit()] == [str(n + 1) for n in range(len(PAGES))]
        assert sum(word.isalpha() for word in words) == num_named


def test_pages_have_distinct_names(tmp_path: Path) -> None:
    pages = SessionScreen(services_in(tmp_path), 1).pages
    for names in ({page.name for page in pages}, {page.widget.id for page in pages}):
        assert len(names) == len(PAGES)
