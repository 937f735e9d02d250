"""Initialization of a network's weights, as a function of the seed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from mnist_tui.training.models.capsnet import ClassCapsules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


OWN = "own"


def initialize(model: nn.Module, initialization: str, seed: int) -> None:
    """Set the trained weights of `model`, on the CPU, in place; the random state does not change.

    Frozen weights are left as they are: they come from a file. So are all weights if
    `initialization` is own: the user's code drew them from the same seed.
    """
    if initialization == OWN:
        return
    INITIALIZERS[initialization](model, seed)


def _initialize_as_keras(model: nn.Module, seed: int) -> None:
    """Set Glorot uniform weights and zero biases, the defaults of Keras's Conv2D and Dense.

    Source: Glorot, Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", equation 16. Keras counts a convolution's fans as channels times kernel area.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in _trained_modules(model):
        if isinstance(module, ClassCapsules):
            module.initialize(generator)
        else:
            nn.init.xavier_uniform_(module.weight, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _initialize_as_torch(model: nn.Module, seed: int) -> None:
    """Set the defaults of torch's modules: Kaiming uniform weights and biases."""
    with torch.random.fork_rng(devices=[]):
        # Only the CPU's generator: torch.manual_seed would seed every device.
        torch.default_generator.manual_seed(seed)
        for module in _trained_modules(model):
            if isinstance(module, ClassCapsules):
                module.initialize(torch.default_generator)
            else:
                module.reset_parameters()


def _trained_modules(model: nn.Module) -> Iterator[nn.Conv2d | nn.Linear | ClassCapsules]:
    """Yield the modules with random weights; batch normalization has constant ones."""
    for module in model.modules():
        if not isinstance(module, nn.Conv2d | nn.Linear | ClassCapsules):
            continue
        if module.weight.requires_grad:
            yield module


INITIALIZERS: Mapping[str, Callable[[nn.Module, int], None]] = {
    "keras": _initialize_as_keras,
    "torch": _initialize_as_torch,
}
