"""The parts of a training step, as a profile tells them apart."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What a training step is doing, in the order of a step."""

    INDEX = "index"
    AUGMENT = "augment"
    NORMALIZE = "normalize"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    CHECKS = "checks"
    SCORES = "scores"
    """Of this batch; on the CPU of up to 16 of them, in the step of the last."""
    OPTIMIZER = "optimizer"
    BOOKKEEPING = "bookkeeping"
    """What is left of the step: the learning rate, and the metric row where one is due."""
    BETWEEN = "between"
    """What the worker does between two batches: commands, figures, metric rows on their way."""


def unwatched(_part: Part) -> None:
    """Be told which part begins while nobody profiles."""
