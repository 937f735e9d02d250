"""How lines are scrolled by keys, whatever draws them."""

from __future__ import annotations

from textual.widget import Widget


class Scrolling(Widget):
    """A widget of lines that its screen scrolls."""

    @property
    def text(self) -> str:
        """The lines without their styles."""
        raise NotImplementedError

    def move(self, rows: int) -> None:
        """Scroll by some lines."""
        self.scroll_relative(y=rows, animate=False, immediate=True)

    def page(self, pages: float) -> None:
        """Scroll by a part of what is in sight."""
        self.move(round(pages * self.size.height))

    def go_to_end(self, is_last: bool) -> None:
        """Scroll to the first or the last line."""
        if is_last:
            self.scroll_end(animate=False)
        else:
            self.scroll_home(animate=False)
