"""The parts of a training step that a profile distinguishes."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """A part of a training step, in the order of a step."""

    INDEX = "index"
    AUGMENT = "augment"
    NORMALIZE = "normalize"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    CHECKS = "checks"
    SCORES = "scores"
    """Of this batch; on the CPU for up to 16 batches together, in the step of the last."""
    OPTIMIZER = "optimizer"
    BOOKKEEPING = "bookkeeping"
    """The rest of the step: the learning rate, and the metric row if one is due."""
    BETWEEN = "between"
    """Work between two batches: commands, figures, metric rows on their way."""
