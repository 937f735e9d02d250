"""Line of totals: home, sessions by state, load of the devices, estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections import Counter

NAME = " mnist-tui"
GAP = "  "
GROUPS = (
    ("running", "busy"),
    ("queued", ""),
    ("held", ""),
    ("paused", "waiting"),
    ("finished", ""),
    ("interrupted", "waiting"),
    ("failed", "bad"),
    ("stopped", ""),
    ("killed", ""),
)


class TotalsLine(Widget):
    """Totals of all sessions, replaced by a banner while there is one."""

    def __init__(self, place: str, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._place = place
        self._counts: Counter[str] | None = None
        self._banner = ""
        self._devices = ""
        self._outlook = ""

    def show(self, counts: Counter[str], devices: str = "", outlook: str = "") -> None:
        """Show how many sessions are in each group.

        Args:
            counts: Sessions by group.
            devices: What the devices do, in words.
            outlook: When all will be done, in words.
        """
        if (counts, devices, outlook) != (self._counts, self._devices, self._outlook):
            self._counts, self._devices, self._outlook = counts, devices, outlook
            self.refresh()

    def announce(self, banner: str) -> None:
        """Show a banner, or the totals if it is empty."""
        if banner != self._banner:
            self._banner = banner
            self.set_class(bool(banner), "-banner")
            self.refresh()

    def render(self) -> Content:
        """Return the line: home on the left, counts, then the rest as far as it fits."""
        width = self.size.width - 1
        if self._banner:
            return self._spread(Content(self._banner[: width - len(NAME) - 2]), width)
        right = self._totals()
        # The home must stay visible if it fits at all.
        left = f"{NAME}{GAP}{self._place}"
        if cell_len(left) + len(GAP) + right.cell_length > width:
            left = NAME
        for extra in (self._devices, self._outlook):
            longer = right + Content(GAP + " ") + Content(printable(extra))
            if extra and cell_len(left) + len(GAP) + longer.cell_length <= width:
                right = longer
        return self._spread(right, width)

    def _spread(self, right: Content, width: int) -> Content:
        room = width - right.cell_length
        left = f"{NAME}{GAP}{self._place}"
        if cell_len(left) > room - len(GAP):
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
        return Content(GAP).join(parts) if parts else Content("no sessions")
