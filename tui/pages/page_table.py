"""Table of the session screen's pages, and the line that names them.

Textual's Tabs would take two rows, and scroll where nine names do not fit: at 80 columns.
A page is one file of this package and one entry here; its key is its number in the table, and the
command palette finds it by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.tui.pages.charts_page import ChartsPage
from mnist_tui.tui.pages.checkpoints_page import CheckpointsPage
from mnist_tui.tui.pages.confusion_page import confusion_page
from mnist_tui.tui.pages.history_page import HistoryPage
from mnist_tui.tui.pages.log_page import LogPage
from mnist_tui.tui.pages.model_page import ModelPage
from mnist_tui.tui.pages.outliers_page import outliers_page
from mnist_tui.tui.pages.parameters_page import ParametersPage
from mnist_tui.tui.pages.predictions_page import predictions_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.pages.session_page import SessionPage

    MakePage = Callable[[BaseScreen, Callable[[SessionPage], None]], SessionPage]

PAGES: tuple[MakePage, ...] = (
    ChartsPage, ModelPage, ParametersPage, CheckpointsPage, LogPage, HistoryPage,
    predictions_page, confusion_page, outliers_page,
)  # fmt: skip
"""The pages in the order of their keys, 1 for the first."""


def tab_line(pages: Sequence[SessionPage], visible: SessionPage, width: int) -> Content:
    """Return a line of all pages; in few cells with shorter names, or numbers alone.

    Args:
        pages: The pages in the order of their numbers.
        visible: One of them, which is highlighted.
        width: Cells available.
    """
    place = pages.index(visible)
    for names, edge, gap in (
        ([page.name for page in pages], " ", " "),
        ([page.short_name or page.name for page in pages], "", ""),
        ([page.name if page is visible else "" for page in pages], " ", ""),
    ):
        parts = [
            Content.styled(
                f" {f'{number + 1} {name}'.strip()}{edge}",
                "bold $accent reverse" if number == place else "",
            )
            for number, name in enumerate(names)
        ]
        line = Content(gap).join(parts)
        if line.cell_length <= width:
            break
    return line
