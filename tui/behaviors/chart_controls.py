"""Actions on charts: axes, smoothing, size, and the cursor that reads values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.tui.charts.chart_model import SMOOTHING_STEPS, X_UNITS
from mnist_tui.tui.state.messages import ViewChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.tui.behaviors.base_screen import BaseScreen
    from mnist_tui.tui.charts.chart_model import ChartView
    from mnist_tui.tui.widgets.chart_pair import ChartPair

ENLARGEMENTS = (None, "loss", "accuracy")
X_WORDS = {"epoch": "epochs", "batch": "batches", "time": "time spent training"}


class ChartControls:
    """Axes, smoothing, split, size and cursor of a pair of charts."""

    def __init__(
        self, screen: BaseScreen, charts: ChartPair, bring: Callable[[], object] = lambda: None
    ) -> None:
        """Make the controls.

        Args:
            screen: The screen of the charts.
            charts: The charts.
            bring: Brings the charts into view, on a screen that does not always show them.
        """
        self._screen = screen
        self._charts = charts
        self._bring = bring
        self._enlargement = 0

    def action_x_unit(self) -> None:
        """Use the next unit on the x axis."""
        view = self._screen.services.views.settings.chart
        unit = X_UNITS[(X_UNITS.index(view.x_unit) + 1) % len(X_UNITS)]
        self._apply(replace(view, x_unit=unit), f"x axis: {X_WORDS[unit]}")

    def action_log_scale(self) -> None:
        """Toggle the logarithmic scale of the loss."""
        view = self._screen.services.views.settings.chart
        scale = "linear" if view.is_log else "logarithmic"
        self._apply(replace(view, is_log=not view.is_log), f"loss: {scale} scale")

    def action_smooth(self, steps: int) -> None:
        """Smooth more or less; not at all for 0."""
        view = self._screen.services.views.settings.chart
        smoothing = next_smoothing(view.smoothing, steps)
        said = f"smoothing {smoothing:g}" if smoothing else "no smoothing"
        self._apply(replace(view, smoothing=smoothing), said)

    def action_split(self) -> None:
        """Overlay validation or training curves."""
        view = self._screen.services.views.settings.chart
        split = "train" if view.split == "val" else "val"
        self._apply(replace(view, split=split), f"curves: {split}")

    def action_cursor(self, columns: int) -> None:
        """Move the cursor that reads values."""
        self._bring()
        self._charts.move_cursor(columns)

    def action_enlarge(self) -> None:
        """Enlarge loss, accuracy or neither, in turn."""
        self._bring()
        self._enlargement = (self._enlargement + 1) % len(ENLARGEMENTS)
        name = ENLARGEMENTS[self._enlargement]
        self._charts.enlarge(name)  # type: ignore[arg-type]
        self._screen.set_class(name is not None, "-enlarged")

    def _apply(self, view: ChartView, sentence: str) -> None:
        self._bring()
        self._screen.services.views.update(chart=view)
        self._charts.set_view(view)
        self._screen.post_message(ViewChanged())
        self._screen.notify(sentence, markup=False, timeout=2.0)


def next_smoothing(present: float, steps: int) -> float:
    """Return the next weight up or down the ladder, at its ends the same; 0.0 for no steps."""
    if steps == 0:
        return 0.0
    place = min(range(len(SMOOTHING_STEPS)), key=lambda i: abs(SMOOTHING_STEPS[i] - present))
    return SMOOTHING_STEPS[max(0, min(place + steps, len(SMOOTHING_STEPS) - 1))]
