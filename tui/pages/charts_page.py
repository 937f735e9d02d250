"""Charts page: loss and accuracy, with the end of the log below on tall terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from mnist_tui.storage import folders
from mnist_tui.tui.behaviors.chart_controls import ChartControls
from mnist_tui.tui.pages.session_page import SessionPage
from mnist_tui.tui.sessions.session_tables import parameter_table
from mnist_tui.tui.widgets.chart_pair import ChartPair
from mnist_tui.tui.widgets.log_tail import LogTail

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.text.table import Table


class ChartsPage(SessionPage):
    """The curves of a session; keys of charts bring it from every page."""

    name = "charts"

    def __init__(self, screen: BaseScreen, bring: Callable[[SessionPage], None]) -> None:
        super().__init__(screen, bring)
        self._charts = ChartPair(screen.services.feed, widget_id="charts")
        self._log_end = LogTail(widget_id="log-end")
        self.widget = Vertical(self._charts, self._log_end, id="charts-page")
        self.shared_keys = (ChartControls(screen, self._charts, self.bring),)

    def begin(self) -> None:
        """Apply the view settings."""
        self._charts.set_view(self.screen.services.views.settings.chart)

    def show(self, record: SessionRecord) -> None:
        """Show curves and log."""
        self._charts.show([record])
        self._log_end.follow(self.screen.services.home.session(record.id) / folders.WORKER_LOG)

    def leave_session(self) -> None:
        """Remove the cursor."""
        self._charts.move_cursor(None)

    def exporter(self, record: SessionRecord) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the parameters and of all points."""
        return lambda: [parameter_table(record), *self._charts.tables()]

    def copy_text(self) -> str:
        """Return a description of each chart."""
        return "\n".join(self._charts.twins())
