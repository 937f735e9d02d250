"""Outliers page: answers of the model to out-of-distribution images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.outlier_source_text import SIGNS_WORD, source_meant
from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.pages.image_page import ImagePage
from mnist_tui.tui.state.messages import OutliersRequested
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.pages.session_page import SessionPage


def outliers_page(screen: BaseScreen, bring: Callable[[SessionPage], None]) -> ImagePage:
    """Make the page."""
    page = ImagePage(screen, bring, PageKind.OUTLIERS, "outliers")
    page.visible_keys = (page, OutlierDraw(page))
    page.shared_keys = (OutlierRequests(page),)
    return page


class OutlierDraw:
    """Key that shows an earlier test, in the place of other images."""

    def __init__(self, page: ImagePage) -> None:
        self._page = page

    def action_draw_others(self) -> None:
        """Show the outlier test before this one."""
        self._page.images.draw_others()


class OutlierRequests:
    """Key that works on every page and brings this one."""

    def __init__(self, page: ImagePage) -> None:
        self._page = page

    def action_outliers(self) -> None:
        """Prompt for out-of-distribution images, and request the model's answers to them."""
        page, screen = self._page, self._page.screen
        record = screen.able("outliers")
        if record is None:
            return
        page.bring()

        def show(text: str) -> str | None:
            data_dirs = (Path(record.data_dir), screen.services.data_dir)
            try:
                source = source_meant(text, record.parameters["dataset"], data_dirs)
            except ValueError as error:
                return str(error)
            page.images.show_newest()
            screen.begin_task(record.id, "testing out-of-distribution images…")
            screen.post_message(OutliersRequested(record.id, source))
            return None

        hint = "signs, a folder, or kmnist 100"
        screen.prompt(PromptOptions(f"show #{record.id}:", show, SIGNS_WORD, hint))
