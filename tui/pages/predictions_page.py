"""Predictions page: test images, or those scored during training, with the model's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.evaluation.page_state import PageKind
from mnist_tui.tui.pages.image_page import ImagePage
from mnist_tui.tui.state.messages import EvaluationRequested

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.pages.session_page import SessionPage


def predictions_page(screen: BaseScreen, bring: Callable[[SessionPage], None]) -> ImagePage:
    """Make the page."""
    page = ImagePage(screen, bring, PageKind.PREDICTIONS, "predictions", "images")
    page.shared_keys = (PredictionKeys(page),)
    return page


class PredictionKeys:
    """Keys that work on every page."""

    def __init__(self, page: ImagePage) -> None:
        self._page = page

    def action_evaluate(self) -> None:
        """Request an evaluation of the newest checkpoint."""
        screen = self._page.screen
        if record := screen.able("evaluate"):
            screen.begin_task(record.id, "scoring the test images…")
            screen.post_message(EvaluationRequested(record.id))

    def action_draw_others(self) -> None:
        """Draw other images at random."""
        self._page.bring()
        self._page.images.draw_others()
