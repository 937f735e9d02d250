"""A frame goes to the terminal in one piece: each piece wakes the thread that writes."""

from __future__ import annotations

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers.linux_driver import LinuxDriver


class FrameBufferingDriver(LinuxDriver):
    """Keeps what belongs to a synchronised frame until the frame ends, then writes it."""

    _frame = ""

    def write(self, data: str) -> None:
        """Write `data`, or keep it until the frame it belongs to is whole."""
        self._frame += data if self._frame or data == SYNC_START else ""
        if not self._frame:
            super().write(data)
        elif data == SYNC_END:
            frame, self._frame = self._frame, ""
            super().write(frame)
