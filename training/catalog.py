"""What can be trained on what: the models and datasets by name, without torch.

Builders live in `training.models`, loaders in `training.data`; both look their names up here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CNN_LARGEST_KERNEL = 9
"""28 → 20 → 10 → 2 → 1 pixels; with 10 nothing would be left for the dense layer."""


@dataclass(frozen=True)
class ModelInfo:
    """One model: where it comes from and which parameters shape it."""

    name: str
    source: str
    options: dict[str, Any] = field(default_factory=dict)
    """The parameters it takes beyond those of every training, with their defaults."""
    complete: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Return the options in full form; raises OptionError for what cannot be built."""


class OptionError(ValueError):
    """An option, or a combination with others, that the model cannot be built with."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def _complete_cnn(options: dict[str, Any]) -> dict[str, Any]:
    filters, kernel_size = options["filters"], options["kernel_size"]
    if len(filters) == 1:
        filters = (filters[0], 2 * filters[0])
    if len(filters) != 2:
        raise OptionError(
            "filters", "cnn has two convolutions: give one number (n means n and 2n) or two (32-64)"
        )
    if kernel_size > CNN_LARGEST_KERNEL:
        raise OptionError(
            "kernel_size",
            f"two convolutions of {kernel_size}×{kernel_size} leave nothing of a 28×28 image;"
            f" use {CNN_LARGEST_KERNEL} or less",
        )
    return {**options, "filters": filters}


def _complete_bn_cnn(options: dict[str, Any]) -> dict[str, Any]:
    filters = options["filters"]
    if len(filters) == 1:
        filters = (filters[0], 2 * filters[0], 4 * filters[0])
    if len(filters) != 3:
        raise OptionError(
            "filters",
            "bn-cnn has three convolutions: give one number (n means n, 2n and 4n) or three"
            " (16-32-64)",
        )
    return {**options, "filters": filters}


MODELS: dict[str, ModelInfo] = {
    model.name: model
    for model in (
        ModelInfo(
            name="cnn",
            source="Two unpadded convolutions and a dense layer, as in the Keras MNIST tutorials",
            options={"filters": (32, 64), "kernel_size": 3, "dense_units": 128, "dropout": 0.5},
            complete=_complete_cnn,
        ),
        ModelInfo(
            name="bn-cnn",
            source="Three convolutions with batch normalization (Ioffe, Szegedy 2015) and pooling",
            options={"filters": (16, 32, 64), "dropout": 0.25},
            complete=_complete_bn_cnn,
        ),
        ModelInfo(
            name="lenet",
            source="LeCun et al. 1998, Gradient-based learning applied to document recognition;"
            " with ReLU and max pooling",
        ),
    )
}


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "adam": {"weight_decay": 0.0},
    "adamw": {"weight_decay": 0.01},
    "sgd": {"momentum": 0.0, "weight_decay": 0.0},
    "rmsprop": {"momentum": 0.0, "weight_decay": 0.0},
}
"""The optimisers by name, with the parameters each takes and their defaults."""
