"""Complete repaint of a screen if a new layout and a scroll meet in one frame.

Uses Textual's private `Screen._refresh_layout` and the compositor behind it: Textual 8.2.8 compares
a new layout with a map that a scroll may already have brought up to date, or left behind, before
anything of it was drawn, so that lines which moved keep their old content. See
docs/textual-notes.md, "Scroll and layout in one frame".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.geometry import Size

ScreenT = TypeVar("ScreenT", bound=type[Screen[Any]])


def repaint_moved_layout(screen_class: ScreenT) -> ScreenT:
    """Decorate a screen class so that no line stays as it was before it moved."""
    refresh_layout = screen_class._refresh_layout

    def repaint(self: Screen[Any], size: Size | None = None, scroll: bool = False) -> None:
        if self._layout_widgets and (scroll or self._compositor._full_map_invalidated):
            self._compositor._dirty_regions.add((size or self.outer_size).region)
        refresh_layout(self, size, scroll)

    screen_class._refresh_layout = repaint  # type: ignore[method-assign]
    return screen_class
