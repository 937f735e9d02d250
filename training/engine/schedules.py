"""Schedules: the learning rate as a function of the step and of the planned number of steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

STEP_FACTOR = 0.1
STEP_MILESTONES = (0.5, 0.75)
ONECYCLE_RISE = 0.3
ONECYCLE_START_DIVISOR = 25.0
ONECYCLE_END_DIVISOR = 1e4


def learning_rate_at(parameters: Hyperparameters, step: int, num_steps: int) -> float:
    """Return the learning rate of optimiser step number `step`, counted from 0, of `num_steps`."""
    return parameters.learning_rate * SCHEDULES[parameters.schedule](step, num_steps)


def constant(_step: int, _num_steps: int) -> float:
    """Return 1 at every step."""
    return 1.0


def step_down(step: int, num_steps: int) -> float:
    """Return 1, 0.1 after half, and 0.01 after three quarters of the training.

    Source: He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition", section 4.2.
    """
    return math.prod(STEP_FACTOR for part in STEP_MILESTONES if step >= part * num_steps)


def cosine(step: int, num_steps: int) -> float:
    """Return half a cosine from 1 down to nearly 0.

    Source: Loshchilov, Hutter 2017, "SGDR: stochastic gradient descent with warm restarts",
    equation 5, without restarts.
    """
    return _between(1.0, 0.0, step / num_steps)


def onecycle(step: int, num_steps: int) -> float:
    """Return a rise to 1 over three tenths of the training, then a fall to almost nothing.

    Source: Smith, Topin 2018, "Super-convergence: very fast training of neural networks using large
    learning rates", with the two cosine phases and the defaults of torch's OneCycleLR.
    """
    start = 1.0 / ONECYCLE_START_DIVISOR
    peak, last = ONECYCLE_RISE * num_steps - 1.0, num_steps - 1.0
    if step <= peak:
        return _between(start, 1.0, step / peak if peak > 0 else 1.0)
    fall = (step - peak) / (last - peak) if last > peak else 1.0
    return _between(1.0, start / ONECYCLE_END_DIVISOR, min(1.0, fall))


SCHEDULES: Mapping[str, Callable[[int, int], float]] = {
    "constant": constant,
    "step": step_down,
    "cosine": cosine,
    "onecycle": onecycle,
}
"""Factors of the learning rate by the choices of the parameter `schedule`."""


def _between(start: float, end: float, share: float) -> float:
    """Return the value after `share` (0..1) of the way from `start` to `end` along a cosine."""
    return end + (start - end) * (1.0 + math.cos(math.pi * share)) / 2.0
