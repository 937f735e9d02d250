"""Of what there are charts: how a metric is read from the rows, written, and when it is best."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mnist_tui.storage.metrics.metric_columns import Columns


class ChartedMetric(NamedTuple):
    """What a chart is of."""

    name: str
    unit: str
    values: Callable[[Columns], NDArray[np.float64]]
    show: Callable[[float], str]
    best: Callable[[NDArray[np.float64]], np.intp]
    ceiling: float | None = None


LOSS = ChartedMetric("loss", "", lambda columns: columns.loss, formatting.loss, np.argmin)
ACCURACY = ChartedMetric(
    "accuracy",
    "%",
    lambda columns: 100 * columns.accuracy,
    lambda value: formatting.percent(value / 100),
    np.argmax,
    ceiling=100.0,
)
METRICS = (LOSS, ACCURACY)
