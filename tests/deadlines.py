"""Deadlines of waits, in one place: they hold on a machine four times slower than a quiet one.

`MNIST_TUI_TEST_PATIENCE` multiplies every deadline (4 by default). A deadline costs time only where
a test fails, so none is a measurement: figures are measured by `tests.benchmarks`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

PATIENCE = float(os.environ.get("MNIST_TUI_TEST_PATIENCE", "4"))


def patient(timeout_s: float) -> float:
    """Return the deadline for what takes at most `timeout_s` on a quiet machine of two cores."""
    return timeout_s * PATIENCE


def wait_until(
    condition: Callable[[], Value], what: str, timeout_s: float = 30.0, interval_s: float = 0.02
) -> Value:
    """Return the first truthy value of `condition`, evaluated repeatedly until a deadline."""
    deadline = time.monotonic() + patient(timeout_s)
    while not (value := condition()):
        if time.monotonic() > deadline:
            limit = f"{patient(timeout_s):g} s"
            raise AssertionError(f"not within {limit}: {what}; last value {value!r}")
        time.sleep(interval_s)
    return value
