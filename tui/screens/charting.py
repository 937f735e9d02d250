"""Keys of the screens with charts: how curves are looked at and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.tui.charts.chart_model import SMOOTHING_STEPS, X_UNITS
from mnist_tui.tui.screens.base import BoardScreen
from mnist_tui.tui.state.messages import ViewChanged

if TYPE_CHECKING:
    from mnist_tui.tui.charts.chart_model import ChartView
    from mnist_tui.tui.widgets.chart_pair import ChartPair

ENLARGEMENTS = (None, "loss", "accuracy")
X_WORDS = {"epoch": "epochs", "batch": "batches", "time": "time spent training"}


class ChartingScreen(BoardScreen):
    """A screen with a pair of charts."""

    charts: ChartPair
    _enlargement = 0

    def bring_charts(self) -> None:
        """Bring the charts into sight, where they are not always."""

    def action_x_unit(self) -> None:
        """Count along the x axis in the next unit."""
        view = self.desk.views.settings.chart
        unit = X_UNITS[(X_UNITS.index(view.x_unit) + 1) % len(X_UNITS)]
        self._look(replace(view, x_unit=unit), f"x axis: {X_WORDS[unit]}")

    def action_log_scale(self) -> None:
        """Draw the loss on a logarithmic scale, or no longer."""
        view = self.desk.views.settings.chart
        scale = "linear" if view.is_log else "logarithmic"
        self._look(replace(view, is_log=not view.is_log), f"loss: {scale} scale")

    def action_smooth(self, steps: int) -> None:
        """Smooth more or less; not at all for 0."""
        view = self.desk.views.settings.chart
        smoothing = next_smoothing(view.smoothing, steps)
        said = f"smoothing {smoothing:g}" if smoothing else "no smoothing"
        self._look(replace(view, smoothing=smoothing), said)

    def action_split(self) -> None:
        """Overlay validation or training curves."""
        view = self.desk.views.settings.chart
        split = "train" if view.split == "val" else "val"
        self._look(replace(view, split=split), f"curves: {split}")

    def action_cursor(self, columns: int) -> None:
        """Move the cursor that reads values."""
        self.bring_charts()
        self.charts.move_cursor(columns)

    def action_enlarge(self) -> None:
        """Give the room to loss, accuracy or both, in turn."""
        self.bring_charts()
        self._enlargement = (self._enlargement + 1) % len(ENLARGEMENTS)
        name = ENLARGEMENTS[self._enlargement]
        self.charts.enlarge(name)  # type: ignore[arg-type]
        self.set_class(name is not None, "-enlarged")

    def _look(self, view: ChartView, sentence: str) -> None:
        self.bring_charts()
        self.desk.views.update(chart=view)
        self.charts.set_view(view)
        self.post_message(ViewChanged())
        self.notify(sentence, markup=False, timeout=2.0)


def next_smoothing(present: float, steps: int) -> float:
    """Return the next weight up or down the ladder, at its ends the same; 0.0 for no steps."""
    if steps == 0:
        return 0.0
    place = min(range(len(SMOOTHING_STEPS)), key=lambda i: abs(SMOOTHING_STEPS[i] - present))
    return SMOOTHING_STEPS[max(0, min(place + steps, len(SMOOTHING_STEPS) - 1))]
