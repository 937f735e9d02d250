"""Reads and draws the page of outliers, in a thread, and not at all where nothing changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError
from mnist_tui.tui.evaluation.outlier_page import OutlierSight, compose_outliers, none_yet
from mnist_tui.tui.evaluation.outlier_reader import OutlierReader
from mnist_tui.tui.evaluation.scored_page import saying

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison
    from mnist_tui.tui.evaluation.page_drawer import PageRequest
    from mnist_tui.tui.evaluation.scored_page import Page


class OutlierDrawer:
    """Draws pages, one at a time."""

    def __init__(self, home: Home) -> None:
        self._reader = OutlierReader(home)
        self._drawn: tuple[object, ...] = ()
        """What the page that was drawn last depends on."""

    def draw(self, wish: PageRequest) -> Page | None:
        """Return the page, or None where it would be the one that was drawn last."""
        asked, trouble = self._read(wish)
        basis = (wish.record.id, wish.width, wish.height, wish.ink, asked, trouble)
        if self._drawn == (wish.look, *basis):
            return None
        if asked is None:
            page = saying(trouble or none_yet(wish.record.id), wish.look, wish.width)
        else:
            sight = OutlierSight(wish.width, wish.height, wish.ink, asked)
            page = compose_outliers(wish.look, sight)
        # What was brought back from beyond the edge is what the next wish will say.
        self._drawn = (page.look, *basis)
        return page

    def _read(self, wish: PageRequest) -> tuple[OutlierComparison | None, str]:
        """Return what a model answered, and what is wrong."""
        try:
            return self._reader.asked(wish.record, wish.alike, wish.look.tests_back), ""
        except StorageError as error:
            return None, str(error)
