"""The curves of a session as a table: an epoch a row, as many as one reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.report_document import Table

if TYPE_CHECKING:
    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.training.analysis.comparison_metrics import Measured

MAX_ROWS = 20


def epoch_table(measured: Measured) -> Table | None:
    """Return loss and accuracy of training and validation after each epoch, or evenly chosen ones.

    None before the first epoch is complete.
    """
    train, val = _by_epoch(measured.train_points), _by_epoch(measured.val)
    epochs = sorted({*train, *val})
    if not epochs:
        return None
    rows = []
    for epoch in _chosen(epochs):
        cells = [f"{epoch:.4g}"]
        for split in (train, val):
            loss, accuracy = split.get(epoch, (None, None))
            cells += [report_values.value("loss", loss), report_values.value("fraction", accuracy)]
        rows.append(tuple(cells))
    shown = f", {len(rows)} of {len(epochs):,}" if len(rows) < len(epochs) else ""
    columns = (
        "epoch", "training loss", "training accuracy %",
        "validation loss", "validation accuracy %",
    )  # fmt: skip
    return Table(f"After each epoch{shown}", columns, tuple(rows))


def _by_epoch(points: Columns) -> dict[float, tuple[float | None, float | None]]:
    return {
        epoch: (_finite(loss), _finite(accuracy))
        for epoch, loss, accuracy in zip(
            points.epoch.tolist(), points.loss.tolist(), points.accuracy.tolist(), strict=True
        )
    }


def _chosen(epochs: list[float]) -> list[float]:
    """Return at most `MAX_ROWS`, evenly chosen, the first and the last among them."""
    if len(epochs) <= MAX_ROWS:
        return epochs
    places = np.linspace(0, len(epochs) - 1, MAX_ROWS).round().astype(int).tolist()
    return [epochs[place] for place in places]


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
