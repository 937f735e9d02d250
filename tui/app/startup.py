"""Process settings of the screen, made before anything large is imported: latency and memory."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from typing import Any

FRAMES_PER_S = 240
"""Textual may draw at the times of such a grid, one of which it misses after every frame.

With its default of 60, a key that follows a frame waits up to 33 ms. No more is drawn: there is a
frame only if something has changed and nothing else is waiting.
"""
SWITCH_S = 0.0005
"""Seconds that a painting thread may keep the interpreter from one that has a key to answer."""
M_ARENA_MAX = -8
"""glibc's number for the maximal number of heaps (`mallopt`)."""
TRIM_S = 30.0
"""Seconds between two calls of `trim`, each of which takes 10 ms."""
MAX_GARBAGE = 2_000
"""Objects after which the newest are searched for garbage: a fraction of a millisecond."""


def configure_latency() -> None:
    """Answer keys promptly from now on; before Textual is imported, which reads this once."""
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES_PER_S))
    sys.setswitchinterval(SWITCH_S)


def follow_terminal() -> None:
    """Take the size from the terminal from now on, also when it changes.

    Textual prefers LINES and COLUMNS, which a program that uses readline exports to the programs it
    starts, and would then keep that size for good.
    """
    for name in ("LINES", "COLUMNS"):
        os.environ.pop(name, None)


def configure_memory() -> None:
    """Leave out what the screen does not need.

    A Unix socket needs no OpenSSL, which asyncio and hashlib would load: 5 MB and 5 ms. And each
    thread would keep a heap of its own, a megabyte or two that it needed for a moment.
    """
    for name in ("ssl", "_hashlib"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    set_option = _glibc_function("mallopt")
    if set_option is not None:
        set_option(M_ARENA_MAX, 1)


def enable_collection() -> None:
    """Start collecting garbage, once all records are there.

    Without, ten megabytes of garbage gather between two collections; and each collection that
    searches ten thousand records would delay keys.
    """
    gc.freeze()
    gc.set_threshold(MAX_GARBAGE, 10, 10)


def trim() -> None:
    """Release what gathers slowly: old garbage, and Rich's cache of text widths.

    Drawing leaves some thousand objects a minute that refer to each other, which Python alone finds
    after hours: 6 MB. Rich remembers the widths of 20,000 texts, as figures change, in a public
    cache and in the private `Segment._split_cells`. And glibc keeps what was freed, 3 MB after half
    an hour, until `malloc_trim`.
    """
    from rich.cells import cached_cell_len  # noqa: PLC0415 — this module is imported before Rich
    from rich.segment import Segment  # noqa: PLC0415 — the same

    gc.collect()
    cached_cell_len.cache_clear()
    Segment._split_cells.cache_clear()
    release = _glibc_function("malloc_trim")
    if release is not None:
        release(0)


def _glibc_function(name: str) -> Any:
    """Return a function of glibc, or None with another C library."""
    return getattr(ctypes.CDLL(None), name, None)
