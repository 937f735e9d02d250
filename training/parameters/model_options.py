"""Checks of model options without building the model; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE

MOST_FILTERS = 1024
"""Filters of one convolution."""
CAPSULE_VALUES = 8
"""Values of one primary capsule (Sabour, Frosst, Hinton 2017)."""

_WORDS = {2: "two", 3: "three", 4: "four"}


class OptionError(ValueError):
    """An option, or a combination with others, that the model cannot be built with."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def each(given: tuple[int, ...], count: int) -> tuple[int, ...] | None:
    """Return one number for each of `count` convolutions; None unless one or `count` are given."""
    return given * count if len(given) == 1 else given if len(given) == count else None


def shortest(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return equal numbers as one, the canonical form."""
    return numbers[:1] if len(set(numbers)) == 1 else numbers


@dataclass(frozen=True)
class Padded:
    """Completion of the options of a network whose convolutions keep the size of the image."""

    name: str
    multiples: tuple[int, ...]
    """Multiples of n in each convolution that a single number of filters n stands for."""
    example: str
    """Filters of each convolution, as the user would type them."""

    def __call__(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options with filters for each convolution and the shortest kernels.

        Raises:
            OptionError: There are too few or too many numbers, or too many filters.
        """
        full = {**options, "filters": self.filters(options["filters"])}
        if "kernel_size" in options:
            full["kernel_size"] = shortest(self.kernels(options["kernel_size"]))
        return full

    def filters(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """Return the filters of each convolution; the errors are those of calling this."""
        filters = given
        if len(given) == 1:
            filters = tuple(given[0] * multiple for multiple in self.multiples)
        if len(filters) != len(self.multiples):
            raise OptionError(
                "filters",
                f"{self._has()}: give one number (n means {self._meaning()}) or"
                f" {self._count()} ({self.example})",
            )
        if max(filters) > MOST_FILTERS:
            raise OptionError(
                "filters",
                f"{given[0]} stands for {'-'.join(map(str, filters))} here;"
                f" a convolution may have {MOST_FILTERS:,} or less",
            )
        return filters

    def kernels(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """Return the kernel of each convolution; the errors are those of calling this."""
        kernels = each(given, len(self.multiples))
        if kernels is None:
            example = "-".join(["5", *("3",) * (len(self.multiples) - 1)])
            raise OptionError(
                "kernel_size",
                f"{self._has()}: give one number or {self._count()} ({example})",
            )
        return kernels

    def _has(self) -> str:
        return f"{self.name} has {self._count()} convolutions"

    def _count(self) -> str:
        return _WORDS[len(self.multiples)]

    def _meaning(self) -> str:
        times = ["n" if multiple == 1 else f"{multiple}n" for multiple in self.multiples]
        return f"{', '.join(times[:-1])} and {times[-1]}"


@dataclass(frozen=True)
class Unpadded(Padded):
    """The same of a network with two convolutions without padding, each pooled after it."""

    def kernels(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """Return the kernel of each convolution.

        Raises:
            OptionError: Nothing of the image would be left, or there are too many numbers.
        """
        kernels = super().kernels(given)
        require_pixels(kernels)
        return kernels


UNPADDED_LARGEST_KERNEL = 9
"""28 → 20 → 10 → 2 → 1 pixels; with 10 nothing would be left for the dense layer."""


def require_pixels(kernels: tuple[int, ...]) -> None:
    """Refuse two unpadded convolutions with pooling that leave nothing of an image.

    Raises:
        OptionError: They do.
    """
    side = IMAGE_SIDE
    for kernel in kernels:
        side = (side - kernel + 1) // 2
    if side < 1:
        raise _nothing_left(kernels, UNPADDED_LARGEST_KERNEL)


def complete_hidden_channels(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `hidden-channels`; its filters are numbers of their own.

    Raises:
        OptionError: The kernels cannot be.
    """
    kernels = Unpadded("hidden-channels", (1, 1), "").kernels(options["kernel_size"])
    return {**options, "kernel_size": shortest(kernels)}


def complete_dense_blocks(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `chen-densenet`.

    Raises:
        OptionError: There is more than one number of filters.
    """
    if len(options["filters"]) != 1:
        raise OptionError(
            "filters", "every layer of chen-densenet adds as many filters: give one number (12)"
        )
    return options


CAPSNET_LARGEST_KERNEL = 14
"""28 → 15 → 1 pixels; a second kernel of 15 would be larger than what the first leaves."""


def complete_capsnet(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `capsnet`.

    Raises:
        OptionError: The kernels leave nothing, or the filters do not make whole capsules.
    """
    shape = Padded("capsnet", (1, 1), "256-256")
    filters, kernels = shape.filters(options["filters"]), shape.kernels(options["kernel_size"])
    if filters[1] % CAPSULE_VALUES:
        raise OptionError(
            "filters",
            f"capsnet makes capsules of {CAPSULE_VALUES} values from its second convolution:"
            f" give it a multiple of {CAPSULE_VALUES}, not {filters[1]}",
        )
    if kernels[1] > IMAGE_SIDE - kernels[0] + 1:
        raise _nothing_left(kernels, CAPSNET_LARGEST_KERNEL)
    return {**options, "filters": filters, "kernel_size": shortest(kernels)}


def _nothing_left(kernels: tuple[int, ...], largest: int) -> OptionError:
    return OptionError(
        "kernel_size",
        f"convolutions of {kernels[0]}×{kernels[0]} and {kernels[1]}×{kernels[1]} leave nothing"
        f" of a 28×28 image; two equal ones may have {largest} or less",
    )
