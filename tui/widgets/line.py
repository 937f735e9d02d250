"""A line to type in; what is pasted only ever prints."""

from __future__ import annotations

from textual.widgets import Input

from tui.inert import inert


class Line(Input):
    """An input without frame whose text can steer no terminal."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in place of what stands there."""
        super().replace(inert(text), start, end)
