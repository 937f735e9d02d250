"""What happens when the terminal goes away: the screen ends at once, without a spin.

Textual reads a closed terminal in a loop where SIGHUP is ignored, as under nohup.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE_S = 1.5
HUNG_UP_STATUS = 128 + signal.SIGHUP


class TerminalWatch:
    """Calls back once when the terminal of standard input is gone or SIGHUP comes."""

    def __init__(self, on_hang_up: Callable[[], object]) -> None:
        """Begin to watch; `on_hang_up` is called once, from another thread."""
        self._on_hang_up = on_hang_up
        self._has_hung_up = False
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._previous = signal.signal(signal.SIGHUP, lambda *_: self._start(self._hang_up))
        self._start(self._wait)

    def close(self) -> None:
        """Stop watching."""
        self._is_over.set()
        if self._previous is not None:
            signal.signal(signal.SIGHUP, self._previous)

    def _start(self, target: Callable[[], None]) -> None:
        threading.Thread(target=target, name="terminal-watch", daemon=True).start()

    def _wait(self) -> None:
        poller = select.poll()
        # With no events asked for, only a hang-up or an error wakes it.
        poller.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
        while not self._is_over.is_set():
            if poller.poll(1_000):
                self._hang_up()
                return

    def _hang_up(self) -> None:
        with self._lock:
            if self._has_hung_up or self._is_over.is_set():
                return
            self._has_hung_up = True
        detach_terminal()
        self._on_hang_up()
        if not self._is_over.wait(GRACE_S):
            os._exit(HUNG_UP_STATUS)


def detach_terminal() -> None:
    """Let standard output and error go nowhere, and standard input have ended."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard_stream in (0, 1, 2):
        os.dup2(nowhere, standard_stream)
