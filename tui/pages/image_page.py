"""Page of scored images or of their confusion matrix, and the keys that walk on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.outlier_comparison import differs_in_seed_alone
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.widgets.evaluation_page import EvaluationPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.evaluation.page_state import PageKind
    from mnist_tui.tui.text.table import Table


class ImagePage(SessionPage):
    """Images that a session's model has scored; three pages of the table are of this kind."""

    reads_ended_sessions = True  # most evaluations are requested after the end

    def __init__(
        self, screen: BaseScreen, bring: Callable[[SessionPage], None], kind: PageKind,
        name: str, short_name: str = "",
    ) -> None:  # fmt: skip
        super().__init__(screen, bring)
        self.name, self.short_name = name, short_name
        self.widget = self.images = EvaluationPage(screen.services.home, kind, widget_id=self.name)

    def show(self, record: SessionRecord) -> None:
        """Show a session, and where other seeds are counted also the sessions that have them."""
        others = self.screen.board.records.values() if self.images.counts_seeds else ()
        alike = [
            other for other in others
            if differs_in_seed_alone(record.parameters, other.parameters)
        ]  # fmt: skip
        self.images.follow(record, tuple(alike))

    def exporter(self, _record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes the tables of the page."""
        return self.images.make_tables

    def copy_text(self) -> str:
        """Return the page in words."""
        return self.images.make_text()

    def back(self) -> bool:
        """Return from a cell or a difference to the matrix."""
        return self.images.back()

    def action_cursor(self, columns: int) -> None:
        """Go to the image or cell to the right."""
        self.images.walk(columns, 0)

    def action_move(self, rows: int) -> None:
        """Go to the image or cell below."""
        self.images.walk(0, rows)

    def action_page(self, pages: float) -> None:
        """Go by a fraction of the visible rows."""
        self.images.page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Go to the first or last image or cell."""
        self.images.go_to_end(is_last)

    def action_show_only(self) -> None:
        """Toggle between mistakes or disagreements and everything."""
        self.images.show_only()
