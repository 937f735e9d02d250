"""Drawing waits while the terminal does not take what was written: ctrl+s, a link that stalls.

Textual 8.2.8 writes through a queue of 30 pieces and blocks the whole app once that is full. This
is the one module that looks into it; what changes meanwhile is drawn once, when reading goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

MAX_PENDING = 3
"""Frames that may wait; `tui.terminal.frame_driver` writes each in one piece."""
FIRST_LOOK_S, LAST_LOOK_S = 0.005, 0.05


class OutputBackpressure:
    """Holds the drawing of an app back for as long as its output is backed up."""

    def __init__(self, app: App[str]) -> None:
        self._app = app
        self._is_holding = False
        self._has_lost = False

    def note_display(self, is_frame: bool) -> None:
        """Take note that the app has displayed something, a frame or nothing new."""
        if self._is_holding:
            # Dirty widgets are remembered; a frame that was made in spite of the hold is gone.
            self._has_lost |= is_frame
        elif self.num_pending() > MAX_PENDING:
            self._is_holding = True
            self._app._begin_batch()
            self._look_again(FIRST_LOOK_S)

    def num_pending(self) -> int:
        """Return how many pieces of output wait for the terminal."""
        writer = getattr(self._app._driver, "_writer_thread", None)
        return 0 if writer is None else writer._queue.qsize()

    def _look_again(self, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self._look, delay_s)

    def _look(self, delay_s: float) -> None:
        if self.num_pending():
            self._look_again(min(2 * delay_s, LAST_LOOK_S))
            return
        self._is_holding = False
        self._app._end_batch()
        self._app.screen.check_idle()
        if self._has_lost:
            self._has_lost = False
            self._app.screen.refresh()
