"""Workers that leave the cores alone most of the time, as those do whose work a GPU does.

They report as often as ever, so the screen has the same to do, and what it costs can be told from
what sharing every core with them costs.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORK_S, REST_S = 0.01, 0.09


@contextmanager
def paced(pids: Sequence[int]) -> Iterator[None]:
    """Let processes work a tenth of the time, in turns much shorter than between two reports."""
    is_over = threading.Event()
    pacing = threading.Thread(target=_pace, args=(pids, is_over), daemon=True)
    pacing.start()
    try:
        yield
    finally:
        is_over.set()
        pacing.join()


def _pace(pids: Sequence[int], is_over: threading.Event) -> None:
    while not is_over.wait(WORK_S):
        _tell(pids, signal.SIGSTOP)
        is_over.wait(REST_S)
        _tell(pids, signal.SIGCONT)


def _tell(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
