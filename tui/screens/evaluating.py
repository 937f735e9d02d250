"""Keys of the pages of a session that show scored images: predictions and confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inert import inert
from tui.messages import EvaluationRequested
from tui.screens.paging import PagingScreen
from tui.sessions.tabs import number_of
from tui.widgets.ask_line import LineQuestion
from tui.widgets.evaluation_page import EvaluationPage

if TYPE_CHECKING:
    from storage.records import SessionRecord


class EvaluatingScreen(PagingScreen):
    """A screen of pages, some of which show scored images."""

    _evaluated_id = 0
    """The session that the user wants scored; 0 while none is."""
    _progress = ""
    """How far that is."""

    @property
    def evaluation_page(self) -> EvaluationPage | None:
        """The page in sight, where it shows scored images."""
        page = self.pages.visible_content
        return page if isinstance(page, EvaluationPage) else None

    def action_cursor(self, columns: int) -> None:
        """Go to the image or cell to the right, or move the cursor of charts and log."""
        if page := self.evaluation_page:
            page.walk(columns, 0)
        else:
            super().action_cursor(columns)

    def action_move(self, rows: int) -> None:
        """Go to the image or cell below, or scroll the page."""
        if page := self.evaluation_page:
            page.walk(0, rows)
        else:
            super().action_move(rows)

    def action_page(self, pages: float) -> None:
        """Go by a part of what is in sight."""
        if page := self.evaluation_page:
            page.page(pages)
        else:
            super().action_page(pages)

    def action_go_to_end(self, is_last: int) -> None:
        """Go to the first or last image or cell, or scroll there."""
        if page := self.evaluation_page:
            page.go_to_end(is_last)
        else:
            super().action_go_to_end(is_last)

    def action_evaluate(self) -> None:
        """Have the test images scored now."""
        record = self.focus_record
        if record is not None:
            self._evaluated_id = record.id
            self.show_progress("scoring the test images…")
            self.post_message(EvaluationRequested(record.id))

    def show_progress(self, text: str) -> None:
        """Show how far the evaluation is."""
        if self._evaluated_id:
            self._progress = inert(f"#{self._evaluated_id}: {text}") if text else ""
            self._evaluated_id = self._evaluated_id if text else 0
            self._show_header()

    def _show_header(self) -> None:
        raise NotImplementedError

    def action_inspect(self) -> None:
        """Look at the images of the chosen cell."""
        self._bring("confusion").inspect()

    def action_draw_others(self) -> None:
        """Draw other images at random."""
        self._bring("predictions").draw_others()

    def action_show_only(self) -> None:
        """Show only what went wrong, or all again."""
        (self.evaluation_page or self._bring("confusion")).show_only()

    def action_difference(self) -> None:
        """Ask which session's matrix to subtract; with a difference in sight show the matrix."""
        page = self._bring("confusion")
        if page.compared_id is not None:
            page.compare_with(None)
            return

        def compare(text: str) -> str | None:
            number = text.removeprefix("#")
            known = int(number) if number.isascii() and number.isdigit() else 0
            other = self.board.records.get(known)
            if other is None:
                return f"there is no session {text}"
            if other is self.focus_record:
                return "that is this session itself"
            page.compare_with(other)
            return None

        proposal = self._proposed()
        value = str(proposal.id) if proposal else ""
        self.ask_for(LineQuestion("difference to #", compare, value, "a session's number"))

    def _proposed(self) -> SessionRecord | None:
        """Return what this session is most likely compared with: a marked one, or the next."""
        own = self.focus_record
        others = [self.board.records[each] for each in self.board.order]
        others = [record for record in others if record is not own]
        marked = [record for record in others if record.id in self.board.marks]
        alike = [
            record
            for record in others
            if own and record.parameters["dataset"] == own.parameters["dataset"]
        ]
        return next(iter([*marked, *alike]), None)

    def _bring(self, name: str) -> EvaluationPage:
        """Bring the page called `name` into sight."""
        if self._page != name:
            self.action_tab(number_of(name))
        return self.query_one(f"#{name}", EvaluationPage)
