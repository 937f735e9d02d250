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
        """Begin to watch; `on_hang_up` is called from another thread or a signal handler."""
        self._on_hang_up = on_hang_up
        self._has_hung_up = threading.Event()
        self._is_over = threading.Event()
        self._previous = signal.signal(signal.SIGHUP, lambda *_: self._hang_up())
        threading.Thread(target=self._wait, name="terminal-watch", daemon=True).start()

    def close(self) -> bool:
        """Stop watching and return whether the terminal went away."""
        self._is_over.set()
        if self._previous is not None:
            signal.signal(signal.SIGHUP, self._previous)
        return self._has_hung_up.is_set()

    def _wait(self) -> None:
        poller = select.poll()
        # With no events asked for, only a hang-up or an error wakes it.
        poller.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
        while not self._is_over.is_set():
            if poller.poll(1_000):
                self._hang_up()
                return

    def _hang_up(self) -> None:
        if self._has_hung_up.is_set() or self._is_over.is_set():
            return
        self._has_hung_up.set()
        detach_terminal()
        threading.Thread(target=self._insist, name="hang-up", daemon=True).start()
        self._on_hang_up()

    def _insist(self) -> None:
        if not self._is_over.wait(GRACE_S):
            os._exit(HUNG_UP_STATUS)


def detach_terminal() -> None:
    """Let standard output and error go nowhere and standard input stay silent for ever."""
    silent_end, _ = os.pipe()  # the other end stays open: reading waits instead of spinning
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent_end, 0)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
