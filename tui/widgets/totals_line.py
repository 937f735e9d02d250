"""The first line: which home, how many sessions do what, and whether the supervisor is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from collections import Counter

NAME = " mnist-tui"
GROUPS = (
    ("running", "busy"),
    ("queued", ""),
    ("paused", "waiting"),
    ("finished", ""),
    ("interrupted", "waiting"),
    ("failed", "bad"),
)


class TotalsLine(Widget):
    """One line of counts; a banner takes its place while the supervisor is away."""

    def __init__(self, place: str, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._place = place
        self._counts: Counter[str] | None = None
        self._banner = ""

    def show(self, counts: Counter[str]) -> None:
        """Show how many sessions are in each group."""
        if counts != self._counts:
            self._counts = counts
            self.refresh()

    def announce(self, banner: str) -> None:
        """Show a banner, or take it away where it is empty."""
        if banner != self._banner:
            self._banner = banner
            self.set_class(bool(banner), "-banner")
            self.refresh()

    def render(self) -> Content:
        """Return the line: name and place on the left, counts or the banner on the right."""
        right = self._totals()
        if self._banner:
            right = Content(self._banner[: self.size.width - len(NAME) - 3])
        room = self.size.width - 1 - right.cell_length
        left = f"{NAME}  {self._place}"
        if cell_len(left) > room - 2:
            left = NAME
        return Content(left.ljust(room)) + right

    def _totals(self) -> Content:
        if self._counts is None:
            return Content("connecting…")
        parts = [
            Content.styled(f"{self._counts[group]} {group}", f"$tone-{tone}" if tone else "")
            for group, tone in GROUPS
            if self._counts[group]
        ]
        return Content("  ").join(parts) if parts else Content("no sessions")
