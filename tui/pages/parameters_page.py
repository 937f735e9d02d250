"""Parameters page: every parameter with its unit and meaning, below labels and note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import parameter_table
from mnist_tui.tui.terminal.line_styles import content_of
from mnist_tui.tui.text.figures import Column
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, line_of
from mnist_tui.tui.text.table import Cell, Table
from mnist_tui.tui.text.text_writer import table_lines
from mnist_tui.tui.widgets.text_page import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.content import Content

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.styled_lines import Line


WRAPPED_FROM = 96
"""Columns from which on a meaning may take several lines; else all values are visible together."""


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
    return parameter_text(record, width)


def parameter_text(record: SessionRecord, width: int) -> Content:
    """Return every parameter with its unit and meaning, below labels and note."""
    rows = [
        (
            Cell(field.name, role="muted"),
            f"{field.show(value)} {field.unit}".rstrip(),
            Cell(field.help, role="off"),
        )
        for field in FIELDS.values()
        if (value := record.parameters.get(field.name)) is not None
    ]
    is_wrapped = width >= WRAPPED_FROM
    meaning = Column("meaning", min_width=0 if is_wrapped else 10, is_wrapped=is_wrapped)
    columns = (Column("parameter"), Column("value"), meaning)
    return content_of([*_labels(record), *table_lines(Table("", columns, rows), width)[1:]])


def _labels(record: SessionRecord) -> list[Line]:
    lines = []
    if record.num_parameters:
        lines.append(line_of(count_of(record.num_parameters, "weight")))
    if record.tags:
        lines.append(line_of(f"tags {printable(', '.join(record.tags))}"))
    if record.note:
        lines.append(line_of(f"note {printable(record.note, 2_000)}"))
    return [*lines, EMPTY] if lines else []
