"""A residual network for 28×28 images."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional

from mnist_tui.training.models.layers import relu

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

BLOCKS_PER_STAGE = 2


def build_chen_resnet(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return a residual network of 14 layers: three stages at 28, 14 and 7 pixels.

    Source: Chen et al. 2018, "Assessing four neural networks on handwritten digit recognition
    dataset (MNIST)", who leave the layers open; these are those of He, Zhang, Ren, Sun 2016, "Deep
    residual learning for image recognition", section 4.2, with n = 2 and a projection where the
    shape changes. 174,970 parameters with filters 16-32-64.
    """
    assert parameters.filters
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    channels = parameters.filters[0]
    parts["conv1"] = nn.Conv2d(1, channels, 3, padding=1, bias=False)
    parts["norm1"] = nn.BatchNorm2d(channels)
    parts["relu1"] = relu()
    for stage, filters in enumerate(parameters.filters, start=1):
        for number in range(1, BLOCKS_PER_STAGE + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            parts[f"block{stage}_{number}"] = ResidualBlock(channels, filters, stride)
            channels = filters
    parts["pool"] = nn.AdaptiveAvgPool2d(1)
    parts["flatten"] = nn.Flatten()
    parts["dense"] = nn.Linear(channels, num_classes)
    return nn.Sequential(parts)


class ResidualBlock(nn.Module):
    """Two convolutions whose output is added to their input: (N, C, S, S) → (N, F, S/stride, …).

    Where the shape changes, a 1×1 convolution brings the input to it (option B of the paper).
    """

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.shortcut = (
            nn.Identity() if channels == filters else _projection(channels, filters, stride)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the ReLU of the sum."""
        hidden = functional.relu_(self.norm1(self.conv1(images)))
        return functional.relu_(self.norm2(self.conv2(hidden)) + self.shortcut(images))


def _projection(channels: int, filters: int, stride: int) -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(channels, filters, 1, stride=stride, bias=False),
            norm=nn.BatchNorm2d(filters),
        )
    )
