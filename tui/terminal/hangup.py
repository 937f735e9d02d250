"""Hang-up and SIGTERM: the application ends, without spinning.

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
TERMINATED_STATUS = 128 + signal.SIGTERM


class TerminalWatch:
    """Watch that calls back once when the terminal is gone, or on SIGHUP or SIGTERM."""

    def __init__(self, on_end: Callable[[], object]) -> None:
        """Start watching; `on_end` is called once, from another thread."""
        self._on_end = on_end
        self._has_ended = False
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._previous = {
            signal.SIGHUP: signal.signal(signal.SIGHUP, lambda *_: self._start(self._hang_up)),
            signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: self._start(self._terminate)),
        }
        self._start(self._wait)

    def close(self) -> None:
        """Stop watching."""
        self._is_over.set()
        for number, previous in self._previous.items():
            if previous is not None:
                signal.signal(number, previous)

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
        self._end(detach_terminal, HUNG_UP_STATUS)

    def _terminate(self) -> None:
        # The terminal is still there, and its modes must be restored.
        self._end(lambda: None, TERMINATED_STATUS)

    def _end(self, prepare: Callable[[], None], status: int) -> None:
        with self._lock:
            if self._has_ended or self._is_over.is_set():
                return
            self._has_ended = True
        try:
            prepare()
            self._on_end()
        finally:
            # Also if the callback failed: the app would spin on a dead terminal.
            if not self._is_over.wait(GRACE_S):
                os._exit(status)


def detach_terminal() -> None:
    """Redirect standard input, output and error to /dev/null."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard_stream in (0, 1, 2):
        os.dup2(nowhere, standard_stream)
