"""What a person should know after the screen has closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.formatting import count_of

if TYPE_CHECKING:
    from collections import Counter


def farewell(counts: Counter[str]) -> str:
    """Return a sentence on the sessions that go on or wait; empty where none does.

    Args:
        counts: Sessions by group, as `Board.counts` returns them.
    """
    num_going_on = counts["running"] + counts["queued"]
    count, does = (num_going_on, "keep running") if num_going_on else (counts["paused"], "wait")
    if not count:
        return ""
    if count == 1:
        does = does.replace("keep", "keeps").replace("wait", "waits")
    sessions = "it" if count == 1 else "them"
    return f"{count_of(count, 'session')} {does}; `mnist-tui` shows {sessions} again."
