"""How charts are looked at: smoothing, scale, and what their x axis counts."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

XUnit = Literal["epoch", "batch", "time"]
X_UNITS: tuple[XUnit, ...] = ("epoch", "batch", "time")

SMOOTHING_STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
"""The weights of the running mean that the keys step through; 0 is none."""


class ChartView(Struct, frozen=True, kw_only=True):
    """The view that all charts share and that is remembered."""

    smoothing: Annotated[float, Meta(ge=0, le=SMOOTHING_STEPS[-1])] = 0.0
    """Weight of the past in the exponential moving average, 0..0.99."""
    is_log: bool = False
    """Whether the y axis of loss is logarithmic."""
    x_unit: XUnit = "epoch"
    split: Literal["val", "train"] = "val"
    """Which curve stands for a session where several are drawn over each other."""
