"""Memory of the screen over days."""

from __future__ import annotations

import ctypes
import weakref

import psutil
import pytest
from rich.cells import cached_cell_len, cell_len
from rich.segment import Segment

from mnist_tui.tui.app import startup


def test_what_was_shown_is_not_remembered_for_ever() -> None:
    for number in range(50):
        text = f"{number:,} images per second ✓ 数"
        assert cell_len(text) == len(text) + 1
        assert Segment(text).split_cells(3)[0].text == text[:3]
    caches = (cached_cell_len, Segment._split_cells)
    assert all(cache.cache_info().currsize >= 50 for cache in caches)
    startup.trim()
    assert all(cache.cache_info().currsize == 0 for cache in caches)


def test_old_garbage_is_collected() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    knot = weakref.ref(Knot())
    startup.trim()
    assert knot() is None


def test_what_was_freed_goes_back_to_the_system() -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("not glibc")
    process = psutil.Process()
    blocks = [bytearray(2_000) for _ in range(20_000)]
    kept = blocks[::50]  # so that nothing is freed at the end of the heap alone
    del blocks
    before = process.memory_info().rss
    startup.trim()
    assert before - process.memory_info().rss > 20_000_000
    assert kept
