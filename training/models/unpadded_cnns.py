"""Networks of two unpadded convolutions, each pooled, and dense layers."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from torch import nn

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.models.layers import POOL, relu
from mnist_tui.training.parameters.model_options import each

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

SECOND_CHANNELS = 20
"""Filters of the second convolution of PyTorch's first MNIST example."""


def build_cnn(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return two convolutions with pooling, a dense layer, dropout and the output layer.

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
            relu1=relu(),
            pool1=nn.MaxPool2d(POOL),
            conv2=nn.Conv2d(first, second, kernel2),
            relu2=relu(),
            pool2=nn.MaxPool2d(POOL),
            flatten=nn.Flatten(),
            dense1=nn.Linear(second * side * side, parameters.dense_units),
            relu3=relu(),
            dropout=nn.Dropout(parameters.dropout),
            dense2=nn.Linear(parameters.dense_units, num_classes),
        )
    )


def build_hidden_channels(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return two convolutions, dropout of whole maps after the second, and two dense layers.

    Source: the MNIST example of PyTorch 0.1 to 1.1 (github.com/pytorch/examples, mnist/main.py).
    Its log-softmax is part of the loss here, which changes no value. 21,840 parameters with 10
    hidden channels, kernel 5 and 50 dense units.
    """
    assert parameters.hidden_channels
    assert parameters.kernel_size
    assert parameters.dense_units
    assert parameters.dropout is not None
    assert parameters.conv_dropout is not None
    kernel1, kernel2 = each(parameters.kernel_size, 2) or ()
    side = _side_after(_side_after(IMAGE_SIDE, kernel1), kernel2)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, parameters.hidden_channels, kernel1),
            pool1=nn.MaxPool2d(POOL),
            relu1=relu(),
            conv2=nn.Conv2d(parameters.hidden_channels, SECOND_CHANNELS, kernel2),
            dropout1=nn.Dropout2d(parameters.conv_dropout),
            pool2=nn.MaxPool2d(POOL),
            relu2=relu(),
            flatten=nn.Flatten(),
            dense1=nn.Linear(SECOND_CHANNELS * side * side, parameters.dense_units),
            relu3=relu(),
            dropout2=nn.Dropout(parameters.dropout),
            dense2=nn.Linear(parameters.dense_units, num_classes),
        )
    )


ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {"relu": relu, "tanh": nn.Tanh}
"""Activations by the values of the parameter."""


def build_lenet(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return LeNet-5 with max pooling and a plain output layer: 44,426 parameters.

    Source: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document
    recognition", section II; unpadded on 28×28 images.
    """
    assert parameters.activation
    name, activation = parameters.activation, ACTIVATIONS[parameters.activation]
    return nn.Sequential(
        OrderedDict(
            {
                "conv1": nn.Conv2d(1, 6, 5),
                f"{name}1": activation(),
                "pool1": nn.MaxPool2d(POOL),
                "conv2": nn.Conv2d(6, 16, 5),
                f"{name}2": activation(),
                "pool2": nn.MaxPool2d(POOL),
                "flatten": nn.Flatten(),
                "dense1": nn.Linear(16 * 4 * 4, 120),
                f"{name}3": activation(),
                "dense2": nn.Linear(120, 84),
                f"{name}4": activation(),
                "dense3": nn.Linear(84, num_classes),
            }
        )
    )


def _side_after(side: int, kernel_size: int) -> int:
    """Return the side of an image after an unpadded convolution and pooling."""
    return (side - kernel_size + 1) // POOL
