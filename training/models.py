"""The networks by name, built from the parameters.

Every network takes (N, 1, 28, 28) float32 images and returns (N, 10) logits. Its parts are named,
for checkpoints and for the layer summary.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from torch import nn

from storage.datasets import IMAGE_SIDE, NUM_CLASSES
from training.catalog import each

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from training.parameters import Hyperparameters

POOL = 2


def build_model(parameters: Hyperparameters) -> nn.Module:
    """Return the network `parameters.model` names, its weights not yet initialized."""
    return BUILDERS[parameters.model](parameters)


def build_cnn(parameters: Hyperparameters) -> nn.Module:
    """Return two unpadded convolutions with pooling, a dense layer, dropout and the output layer.

    Source: the Keras MNIST tutorials (Chollet, "Simple MNIST convnet") with a hidden dense layer.
    225,034 parameters with filters 32-64, kernel 3 and 128 dense units.
    """
    assert parameters.filters
    assert parameters.kernel_size
    assert parameters.dense_units
    assert parameters.dropout is not None
    first, second = parameters.filters
    kernel1, kernel2 = each(parameters.kernel_size, 2) or ()
    side = _side_after(_side_after(IMAGE_SIDE, kernel1), kernel2)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, first, kernel1),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(POOL),
            conv2=nn.Conv2d(first, second, kernel2),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(POOL),
            flatten=nn.Flatten(),
            dense1=nn.Linear(second * side * side, parameters.dense_units),
            relu3=nn.ReLU(),
            dropout=nn.Dropout(parameters.dropout),
            dense2=nn.Linear(parameters.dense_units, NUM_CLASSES),
        )
    )


def build_bn_cnn(parameters: Hyperparameters) -> nn.Module:
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
        parts[f"relu{number}"] = nn.ReLU()
        parts[f"pool{number}"] = nn.MaxPool2d(POOL)
        channels, side = filters, side // POOL
    parts["flatten"] = nn.Flatten()
    parts["dropout"] = nn.Dropout(parameters.dropout)
    parts["dense1"] = nn.Linear(channels * side * side, NUM_CLASSES)
    return nn.Sequential(parts)


def build_lenet(parameters: Hyperparameters) -> nn.Module:
    """Return LeNet-5 with ReLU, max pooling and a plain output layer: 44,426 parameters.

    Source: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document
    recognition", section II; unpadded on 28×28 images.
    """
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 6, 5),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(POOL),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(POOL),
            flatten=nn.Flatten(),
            dense1=nn.Linear(16 * 4 * 4, 120),
            relu3=nn.ReLU(),
            dense2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            dense3=nn.Linear(84, NUM_CLASSES),
        )
    )


def _side_after(side: int, kernel_size: int) -> int:
    """Return the side of an image after an unpadded convolution and pooling."""
    return (side - kernel_size + 1) // POOL


BUILDERS: Mapping[str, Callable[[Hyperparameters], nn.Module]] = {
    "cnn": build_cnn,
    "bn-cnn": build_bn_cnn,
    "lenet": build_lenet,
}
"""By the names of `training.catalog.MODELS`."""
