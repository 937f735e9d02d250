"""What can be trained on what: the models and datasets by name, without torch.

Builders live in `training.models`, loaders in `training.data`; both look their names up here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.datasets import IMAGE_SIDE

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


def each(given: tuple[int, ...], count: int) -> tuple[int, ...] | None:
    """Return one number for each of `count` convolutions; None where neither one nor all came."""
    return given * count if len(given) == 1 else given if len(given) == count else None


def shortest(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return equal numbers as one, so that what is the same reads the same."""
    return numbers[:1] if len(set(numbers)) == 1 else numbers


class OptionError(ValueError):
    """An option, or a combination with others, that the model cannot be built with."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def _complete_cnn(options: dict[str, Any]) -> dict[str, Any]:
    filters = options["filters"]
    kernels = each(options["kernel_size"], 2)
    if kernels is None:
        raise OptionError("kernel_size", "cnn has two convolutions: give one number or two (5-3)")
    if len(filters) == 1:
        filters = (filters[0], 2 * filters[0])
    if len(filters) != 2:
        raise OptionError(
            "filters", "cnn has two convolutions: give one number (n means n and 2n) or two (32-64)"
        )
    side = IMAGE_SIDE
    for kernel in kernels:
        side = (side - kernel + 1) // 2
    if side < 1:
        raise OptionError(
            "kernel_size",
            f"convolutions of {kernels[0]}×{kernels[0]} and {kernels[1]}×{kernels[1]} leave nothing"
            f" of a 28×28 image; two equal ones may have {CNN_LARGEST_KERNEL} or less",
        )
    return {**options, "filters": filters, "kernel_size": shortest(kernels)}


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
            options={"filters": (32, 64), "kernel_size": (3,), "dense_units": 128, "dropout": 0.5},
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
