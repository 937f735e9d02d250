"""A small network with batch normalization."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from torch import nn

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.models.layers import POOL, relu

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def build_bn_cnn(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return three padded convolutions, each with batch normalization and pooling, then dropout.

    Source: Ioffe, Szegedy 2015, "Batch normalization: accelerating deep network training by
    reducing internal covariate shift"; the convolutions have no biases, which it would take away.
    29,178 parameters with filters 16-32-64.
    """
    assert parameters.filters
    assert parameters.dropout is not None
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    channels, side = 1, IMAGE_SIDE
    for number, filters in enumerate(parameters.filters, start=1):
        parts[f"conv{number}"] = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        parts[f"norm{number}"] = nn.BatchNorm2d(filters)
        parts[f"relu{number}"] = relu()
        parts[f"pool{number}"] = nn.MaxPool2d(POOL)
        channels, side = filters, side // POOL
    parts["flatten"] = nn.Flatten()
    parts["dropout"] = nn.Dropout(parameters.dropout)
    parts["dense1"] = nn.Linear(channels * side * side, num_classes)
    return nn.Sequential(parts)
