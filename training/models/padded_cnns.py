"""Networks of padded convolutions, which keep height and width, and two dense layers."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from torch import nn

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.models.layers import POOL, padded_convolution, relu
from mnist_tui.training.parameters.model_options import each

if TYPE_CHECKING:
    from collections.abc import Collection

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def build_cnn3(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return three convolutions, each pooled, a dense layer, dropout and the output layer.

    241,546 parameters with filters 32-64-128, kernel 3 and 128 dense units.
    """
    return _build(parameters, num_classes, pooled=(1, 2, 3))


def build_mnistnet(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return four convolutions in two pooled pairs, with dropout before both dense layers.

    495,498 parameters with filters 32-64-64-64, 225,418 with 16-32-32-32. Source: the convolutional
    part of Simonyan, Zisserman 2015, "Very deep convolutional networks", in small.
    """
    return _build(parameters, num_classes, pooled=(2, 4), has_early_dropout=True)


def build_fashion_cnn(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return four convolutions, the first three pooled, a dense layer, dropout and the output.

    980,490 parameters with filters 32-64-128-256, kernel 3 and 256 dense units.
    """
    return _build(parameters, num_classes, pooled=(1, 2, 3))


def build_chen_cnn(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return two pooled convolutions of 5×5, a dense layer of 1,024, dropout and the output layer.

    Source: Chen et al. 2018, "Assessing four neural networks on handwritten digit recognition
    dataset (MNIST)", who leave the layers open; these are those of TensorFlow's tutorial "Deep
    MNIST for experts". 3,274,634 parameters by default.
    """
    return _build(parameters, num_classes, pooled=(1, 2))


def _build(
    parameters: Hyperparameters,
    num_classes: int,
    *,
    pooled: Collection[int],
    has_early_dropout: bool = False,
) -> nn.Module:
    """Return the network; `pooled` numbers the convolutions with a pooling layer, from 1."""
    assert parameters.filters
    assert parameters.kernel_size
    assert parameters.dense_units
    assert parameters.dropout is not None
    kernels = each(parameters.kernel_size, len(parameters.filters)) or ()
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    channels, side = 1, IMAGE_SIDE
    for number, (filters, kernel) in enumerate(
        zip(parameters.filters, kernels, strict=True), start=1
    ):
        parts.update(padded_convolution(number, channels, filters, kernel))
        parts[f"relu{number}"] = relu()
        channels = filters
        if number in pooled:
            parts[f"pool{number}"] = nn.MaxPool2d(POOL)
            side //= POOL
    parts["flatten"] = nn.Flatten()
    if has_early_dropout:
        parts["dropout1"] = nn.Dropout(parameters.dropout)
    parts["dense1"] = nn.Linear(channels * side * side, parameters.dense_units)
    parts[f"relu{len(kernels) + 1}"] = relu()
    parts["dropout2" if has_early_dropout else "dropout"] = nn.Dropout(parameters.dropout)
    parts["dense2"] = nn.Linear(parameters.dense_units, num_classes)
    return nn.Sequential(parts)
