"""What keeps the screen small over days."""

from __future__ import annotations

import weakref

from rich.cells import cached_cell_len, cell_len
from rich.segment import Segment

from tui import memory


def test_what_was_shown_is_not_remembered_for_ever() -> None:
    for number in range(50):
        text = f"{number:,} images per second ✓ 数"
        assert cell_len(text) == len(text) + 1
        assert Segment(text).split_cells(3)[0].text == text[:3]
    caches = (cached_cell_len, Segment._split_cells)
    assert all(cache.cache_info().currsize >= 50 for cache in caches)
    memory.trim()
    assert all(cache.cache_info().currsize == 0 for cache in caches)


def test_old_garbage_is_collected() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    knot = weakref.ref(Knot())
    memory.trim()
    assert knot() is None
