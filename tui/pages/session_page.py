"""Interface of a page of the session screen; adding one needs a file here and a line in PAGES."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import Widget

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class SessionPage:
    """One page: its names, its widget, what it reads, copies and exports, and its keys."""

    name: str
    short_name: str = ""
    """The name on narrow terminals; `name` if empty."""
    reads_ended_sessions: ClassVar[bool] = False
    """True if files of a session may still change after it has ended."""
    widget: Widget

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        """Make the page; a subclass makes `widget`, too.

        Args:
            screen: The session screen.
            bring: Shows this page in place of the one that is visible.
        """
        self.screen = screen
        self._bring = bring
        self.visible_keys: Sequence[object] = (self,)
        """Behaviours with the keys of this page, while it is visible."""
        self.shared_keys: Sequence[object] = ()
        """Behaviours with keys that work on every page, and may bring this one."""

    def bring(self) -> None:
        """Make this page the visible one."""
        self._bring(self)

    def begin(self) -> None:
        """Show the view settings, once the widgets are there."""

    def show(self, record: SessionRecord) -> None:
        """Show a session while the page is visible: called after each change and tick."""
        raise NotImplementedError

    def leave_session(self) -> None:
        """Forget what belongs to one session alone, before another one is shown."""

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes the page's tables, as `BaseScreen.exporter`."""
        raise NotImplementedError

    def copy_text(self) -> str:
        """Return the page in words; empty to copy the session's ID."""
        return ""

    def back(self) -> bool:
        """Undo a search or a closer look; return whether there was one."""
        return False

    def action_move(self, rows: int) -> None:
        """Scroll the page."""
        self.widget.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by a fraction of the visible lines."""
        self.action_move(round(pages * self.widget.size.height))

    def action_go_to_end(self, is_last: int) -> None:
        """Scroll to the beginning or the end."""
        (self.widget.scroll_end if is_last else self.widget.scroll_home)(animate=False)
