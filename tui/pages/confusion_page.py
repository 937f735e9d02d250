"""Confusion page: the matrix of true and predicted classes, its cells, and differences of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.pages.image_page import ImagePage
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.pages.session_page import SessionPage


def confusion_page(screen: BaseScreen, bring: Callable[[SessionPage], None]) -> ImagePage:
    """Make the page."""
    page = ImagePage(screen, bring, PageKind.MATRIX, "confusion", "matrix")
    page.shared_keys = (MatrixKeys(page),)
    return page


class MatrixKeys:
    """Keys that work on every page and bring the matrix."""

    def __init__(self, page: ImagePage) -> None:
        self._page = page
        self._screen = page.screen

    def action_inspect(self) -> None:
        """Show the images of the chosen cell."""
        self._page.bring()
        self._page.images.inspect()

    def action_show_only(self) -> None:
        """Show all mistakes, or the matrix again."""
        self._page.bring()
        self._page.images.show_only()

    def action_difference(self) -> None:
        """Prompt for a session whose matrix is subtracted; end a difference that is shown."""
        self._page.bring()
        images = self._page.images
        if images.compared_id is not None:
            images.compare_with(None)
            return

        def compare(text: str) -> str | None:
            number = text.removeprefix("#")
            session_id = int(number) if number.isascii() and number.isdigit() else 0
            other = self._screen.board.records.get(session_id)
            if other is None:
                return f"there is no session {text}"
            if other is self._screen.focus_record:
                return "that is this session itself"
            images.compare_with(other)
            return None

        proposal = self._proposed()
        value = str(proposal.id) if proposal else ""
        self._screen.prompt(PromptOptions("difference to #", compare, value, "a session's number"))

    def _proposed(self) -> SessionRecord | None:
        """Return the likeliest session to compare with: marked, or of the same dataset."""
        shown, board = self._screen.focus_record, self._screen.board
        others = [board.records[each] for each in board.order if board.records[each] is not shown]
        marked = (record for record in others if record.id in board.marks)
        alike = (
            record
            for record in others
            if shown and record.parameters["dataset"] == shown.parameters["dataset"]
        )
        return next(marked, None) or next(alike, None)
