"""Screens that draw everything where a new layout and a scroll meet in one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen, ScreenResultType

if TYPE_CHECKING:
    from textual.geometry import Size


class MovedLayoutScreen(Screen[ScreenResultType]):
    """A screen on which no line stays as it was before it moved.

    Textual 8.2.8 tells what a new layout has moved by a map that a scroll may have brought up to
    date, or left behind, before anything of it was drawn.
    """

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        if self._layout_widgets and (scroll or self._compositor._full_map_invalidated):
            self._compositor._dirty_regions.add((size or self.outer_size).region)
        super()._refresh_layout(size, scroll)
