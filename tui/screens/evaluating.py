"""Keys of the pages of a session that show scored images: predictions, confusion, outliers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.outlier_comparison import differs_in_seed_alone
from mnist_tui.tui.evaluation.outlier_source_text import SIGNS_WORD, source_meant
from mnist_tui.tui.screens.paging import PagingScreen
from mnist_tui.tui.sessions.page_tabs import number_of
from mnist_tui.tui.state.messages import EvaluationRequested, OutliersRequested
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.ask_line import LineQuestion
from mnist_tui.tui.widgets.evaluation_page import EvaluationPage

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


class EvaluatingScreen(PagingScreen):
    """A screen of pages, some of which show scored images."""

    _asked_id = 0
    """The session whose model is asked for something; 0 while none is."""
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
        if record := self._able("evaluate"):
            self._asked_id = record.id
            self.show_progress("scoring the test images…")
            self.post_message(EvaluationRequested(record.id))

    def action_outliers(self) -> None:
        """Ask which images of no digit to show to the model, and have them shown."""
        record = self._able("outliers")
        if record is None:
            return
        page = self._bring("outliers")

        def show(text: str) -> str | None:
            data_dirs = (Path(record.data_dir), self.desk.data_dir)
            try:
                source = source_meant(text, record.parameters["dataset"], data_dirs)
            except ValueError as error:
                return str(error)
            page.show_newest()
            self._asked_id = record.id
            self.show_progress("showing images that are no digits…")
            self.post_message(OutliersRequested(record.id, source))
            return None

        hint = "signs, a folder, or kmnist 100"
        self.ask_for(LineQuestion(f"show #{record.id}:", show, SIGNS_WORD, hint))

    def show_progress(self, text: str) -> None:
        """Show how far what the model was asked for is."""
        if self._asked_id:
            self._progress = printable(f"#{self._asked_id}: {text}") if text else ""
            self._asked_id = self._asked_id if text else 0
            self._show_header()

    def follow_page(self, page: EvaluationPage, record: SessionRecord) -> None:
        """Show a session on a page of scored images, and where that counts its other seeds."""
        alike = (
            tuple(
                other
                for other in self.board.records.values()
                if differs_in_seed_alone(record.parameters, other.parameters)
            )
            if page.counts_seeds
            else ()
        )
        page.follow(record, alike)

    def _show_header(self) -> None:
        raise NotImplementedError

    def action_inspect(self) -> None:
        """Look at the images of the chosen cell."""
        self._bring("confusion").inspect()

    def action_draw_others(self) -> None:
        """Draw other images at random, or show another outlier test."""
        page = self.evaluation_page
        if page is None or not page.counts_seeds:
            page = self._bring("predictions")
        page.draw_others()

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
