"""A densely connected network for 28×28 images."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_tui.training.models.layers import POOL, relu

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

NUM_BLOCKS = 3
LAYERS_PER_BLOCK = 4
BOTTLENECK = 4
"""Output maps of a layer's 1×1 convolution, as a multiple of its growth."""


def build_chen_densenet(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return DenseNet-BC of 28 layers: three dense blocks at 28, 14 and 7 pixels.

    Source: Chen et al. 2018, "Assessing four neural networks on handwritten digit recognition
    dataset (MNIST)", who leave the layers open; these are those of Huang, Liu, van der Maaten,
    Weinberger 2017, "Densely connected convolutional networks", for small images, with a growth of
    12 and half of the maps kept between blocks. 102,298 parameters.
    """
    assert parameters.filters
    (growth,) = parameters.filters
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 2 * growth
    parts["conv1"] = nn.Conv2d(1, channels, 3, padding=1, bias=False)
    for block in range(1, NUM_BLOCKS + 1):
        for number in range(1, LAYERS_PER_BLOCK + 1):
            parts[f"block{block}_{number}"] = DenseLayer(channels, growth)
            channels += growth
        if block < NUM_BLOCKS:
            parts[f"transition{block}"] = _transition(channels)
            channels //= 2
    parts["norm"] = nn.BatchNorm2d(channels)
    parts["relu"] = relu()
    parts["pool"] = nn.AdaptiveAvgPool2d(1)
    parts["flatten"] = nn.Flatten()
    parts["dense"] = nn.Linear(channels, num_classes)
    return nn.Sequential(parts)


class DenseLayer(nn.Module):
    """Adds `growth` maps to those that come in: (N, C, S, S) → (N, C + growth, S, S)."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, BOTTLENECK * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(BOTTLENECK * growth)
        self.conv2 = nn.Conv2d(BOTTLENECK * growth, growth, 3, padding=1, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the input maps followed by the new ones."""
        hidden = self.conv1(functional.relu_(self.norm1(maps)))
        new = self.conv2(functional.relu_(self.norm2(hidden)))
        return torch.cat((maps, new), dim=1)


def _transition(channels: int) -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=relu(),
            conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
            pool=nn.AvgPool2d(POOL),
        )
    )
