"""Output to the terminal: frames in one piece each, and no more of them than the terminal reads.

Uses Textual's private writer thread and its queue: Textual 8.2.8 wakes the thread for each piece of
a frame, and blocks the whole app once 30 pieces wait, as after ctrl+s or on a stalled link. What
changes meanwhile is drawn once, when reading goes on.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from mnist_tui.tui.terminal.terminal_app import TerminalApp

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""Begin and end of a synchronised update, as Textual sends them around each frame."""
COPY = "\x1b]52;"
"""Begin of OSC 52, which puts text on the clipboard."""
MAX_PENDING = 3
"""Frames that may wait in the queue."""
FIRST_LOOK_S, LAST_LOOK_S = 0.005, 0.05


class FrameBufferingDriver(LinuxDriver):
    """Keeps the pieces of a synchronised frame until it ends, then writes them at once."""

    def __init__(self, app: TerminalApp, **options: Any) -> None:
        super().__init__(app, **options)
        app.frame_driver = self
        self._frame = ""

    def write(self, data: str) -> None:
        """Write `data`, or keep it until its frame is complete."""
        if data.startswith(COPY) and "TMUX" in os.environ:
            data = passed_through_tmux(data)
        self._frame += data if self._frame or data == SYNC_START else ""
        if not self._frame:
            super().write(data)
        elif data == SYNC_END:
            frame, self._frame = self._frame, ""
            super().write(frame)

    def num_pending(self) -> int:
        """Return the number of pieces that wait for the terminal."""
        return 0 if self._writer_thread is None else self._writer_thread._queue.qsize()


def passed_through_tmux(data: str) -> str:
    """Return a sequence as it is, and wrapped for tmux to pass on.

    tmux takes the plain form with set-clipboard on, and passes on what is wrapped with
    allow-passthrough on; each is ignored otherwise.
    """
    escaped = data.replace("\x1b", "\x1b\x1b")
    return f"{data}\x1bPtmux;{escaped}\x1b\\"


class OutputBackpressure:
    """Suspends the drawing of an app for as long as its output is backed up."""

    def __init__(self, app: TerminalApp) -> None:
        self._app = app
        self._batch = ExitStack()
        self._is_holding = False
        self._has_lost = False

    def note_display(self, is_frame: bool) -> None:
        """Record that the app has displayed something: a frame, or nothing new."""
        if self._is_holding:
            # Dirty widgets are remembered; a frame that was made in spite of the hold is lost.
            self._has_lost |= is_frame
        elif self.num_pending() > MAX_PENDING:
            self._is_holding = True
            self._batch.enter_context(self._app.batch_update())
            self._look_again(FIRST_LOOK_S)

    def num_pending(self) -> int:
        """Return the number of pieces of output that wait; 0 with another driver."""
        driver = self._app.frame_driver
        return 0 if driver is None else driver.num_pending()

    def _look_again(self, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self._look, delay_s)

    def _look(self, delay_s: float) -> None:
        if self.num_pending():
            self._look_again(min(2 * delay_s, LAST_LOOK_S))
            return
        self._is_holding = False
        self._batch.close()
        self._app.screen.check_idle()
        if self._has_lost:
            self._has_lost = False
            self._app.screen.refresh()
