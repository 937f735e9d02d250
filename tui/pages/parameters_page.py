"""Parameters page: every parameter with its unit and meaning, below labels and note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_pages import parameter_page, parameter_table
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.content import Content

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class ParametersPage(SessionPage):
    """The parameters of a session."""

    name, short_name = "parameters", "params"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self.widget = self._text = TextPage(_read, widget_id=self.name)

    def show(self, record: SessionRecord) -> None:
        """Show the parameters."""
        self._text.show(record)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes a table of the parameters."""
        return lambda: [parameter_table(record)]


async def _read(record: SessionRecord, width: int) -> Content:
    return parameter_page(record, width)
