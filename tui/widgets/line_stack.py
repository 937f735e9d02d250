"""Lines one below the other that scroll where they do not fit; only lines that differ are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from mnist_tui.tui.widgets.line_scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content


class LineStack(VerticalScroll, Scrolling, can_focus=True):
    """A stack of single lines."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._rows: list[Static] = []
        """As many as were ever needed; those that are not needed now are hidden."""
        self._said: dict[Static, Content] = {}
        self._num_lines = 0

    @property
    def text(self) -> str:
        """The lines there are, without their styles."""
        return "\n".join(self._said[row].plain for row in self._rows[: self._num_lines])

    def show(self, lines: Sequence[Content]) -> None:
        """Show `lines` in place of those before."""
        for row, line in zip(self._rows, lines, strict=False):
            if not row.display:
                row.display = True
            if not line.is_same(self._said[row]):
                self._said[row] = line
                row.update(line, layout=False)
        new = [Static(line, markup=False) for line in lines[len(self._rows) :]]
        self._said.update(zip(new, lines[len(self._rows) :], strict=True))
        self._rows += new
        for row in self._rows[len(lines) :]:
            row.display = False
        self._num_lines = len(lines)
        if new:
            self.mount(*new)
