"""Model page: the network layer by layer, requested from the supervisor once per session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from mnist_tui.training.protocol.client import Refused, Unreachable
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import layer_share_table, layer_table
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY
from mnist_tui.tui.text.text_writer import table_lines
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class ModelPage(SessionPage):
    """The layers of a session's network."""

    name = "model"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self._summaries: dict[int, dict[str, Any]] = {}
        self.widget = self._text = TextPage(self._read, widget_id=self.name)

    def show(self, record: SessionRecord) -> None:
        """Show the layers, or that they are on their way."""
        if record.id not in self._summaries:
            self._text.put(Content("asking for the layers…"))
        self._text.show(record)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes a table of the layers, if known."""
        summary = self._summaries.get(record.id)
        return lambda: [] if summary is None else [layer_table(summary["layers"])]

    async def _read(self, record: SessionRecord, width: int) -> Content:
        if record.id not in self._summaries:
            try:
                summary = await self.screen.services.sender.layers(record)
            except (Refused, Unreachable) as error:
                return Content(printable(error))
            self._summaries[record.id] = summary
        return layer_text(record, self._summaries[record.id], width)


def layer_text(record: SessionRecord, summary: dict[str, Any], width: int) -> Content:
    """Return a network layer by layer: kind, output shape, weights and their share."""
    total = summary["num_parameters"]
    size = formatting.num_bytes(4 * total)
    title = f"{printable(record.parameters['model'])}: {total:,} weights, {size} as float32"
    table = layer_share_table(summary["layers"])
    return content_of([((title, "bold"),), EMPTY, *table_lines(table, width)])
