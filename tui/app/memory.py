"""What keeps the screen small, from its start and over days."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

from rich.cells import cached_cell_len
from rich.segment import Segment

M_ARENA_MAX = -8
"""The number under which glibc's `mallopt` knows how many heaps threads may have."""
TRIM_S = 30.0
"""How often what gathers slowly is let go; that takes 10 ms."""
MAX_GARBAGE = 2_000
"""Objects after which the newest are looked through: a fraction of a millisecond."""


def begin() -> None:
    """Do without what the screen has no use for; before anything large is imported.

    A Unix socket needs no OpenSSL, which asyncio and hashlib would load: 5 MB and 5 ms. And each
    thread would keep a heap of its own, a megabyte or two that it needed for a moment.
    """
    for name in ("ssl", "_hashlib"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    set_option = _of_glibc("mallopt")
    if set_option is not None:
        set_option(M_ARENA_MAX, 1)


def settle() -> None:
    """End the quiet of the start, in which nothing is collected, once all records are there.

    Left at that, ten megabytes of garbage gather between two collections; and each that looked
    through ten thousand records would hold up the keys.
    """
    gc.freeze()
    gc.set_threshold(MAX_GARBAGE, 10, 10)


def trim() -> None:
    """Let go of what gathers slowly: garbage that is old, and how long texts are that were shown.

    Drawing leaves some thousand objects a minute that refer to each other, which Python alone looks
    for after hours: 6 MB. Rich remembers the lengths of 20,000 texts, as figures change. And glibc
    keeps what was freed, 3 MB after half an hour, unless it is asked to give it back.
    """
    gc.collect()
    cached_cell_len.cache_clear()
    Segment._split_cells.cache_clear()
    give_back = _of_glibc("malloc_trim")
    if give_back is not None:
        give_back(0)


def _of_glibc(name: str) -> Any:
    """Return a function of glibc; None where the C library is another."""
    return getattr(ctypes.CDLL(None), name, None)
