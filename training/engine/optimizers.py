"""Optimisers by name, built from the parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

# The first optimiser of a process imports this, in 1 s with 150 MB; here the fork server does it.
import torch._dynamo  # noqa: F401
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import nn

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

KERAS_EPSILON = 1e-7
"""Keras's epsilon in the denominator of adaptive optimisers; torch's default is 1e-8."""

RMSPROP_RHO = 0.9


def build_optimizer(parameters: Hyperparameters, model: nn.Module) -> Optimizer:
    """Return the optimiser named by `parameters.optimizer` for the trained weights of `model`."""
    weights = [weight for _, weight in trained_weights(model)]
    return BUILDERS[parameters.optimizer](parameters, weights)


def trained_weights(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return names and values of the trained weights of `model`, in the order of the optimiser."""
    return [named for named in model.named_parameters() if named[1].requires_grad]


def prepare_step(optimizer: Optimizer, step: int, learning_rate: float) -> None:
    """Set the learning rate of the next step, which is number `step`, counted from 0.

    Adam's epsilon is set as well: Keras adds it before it corrects the second moment's bias, torch
    after, so that torch needs 32 times as much of it at first. It decides a sixth of the first step
    of `cnn3`, many of whose gradients are as small.
    """
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
        if isinstance(optimizer, Adam | AdamW):
            _, beta2 = group["betas"]
            group["eps"] = KERAS_EPSILON / math.sqrt(1.0 - beta2 ** (step + 1))


def build_adam(parameters: Hyperparameters, weights: Any) -> Optimizer:
    """Return Adam: Kingma, Ba 2015, "Adam: a method for stochastic optimization", section 2.

    In the order of computation at its end, as Keras does it; see `prepare_step`.
    """
    return Adam(
        weights,
        lr=parameters.learning_rate,
        eps=KERAS_EPSILON,
        weight_decay=parameters.weight_decay or 0.0,
        fused=True,
    )


def build_adamw(parameters: Hyperparameters, weights: Any) -> Optimizer:
    """Return AdamW: Loshchilov, Hutter 2019, "Decoupled weight decay regularization"."""
    return AdamW(
        weights,
        lr=parameters.learning_rate,
        eps=KERAS_EPSILON,
        weight_decay=parameters.weight_decay or 0.0,
        fused=True,
    )


def build_sgd(parameters: Hyperparameters, weights: Any) -> Optimizer:
    """Return SGD, with momentum as in Sutskever et al. 2013 if momentum is above 0."""
    return SGD(
        weights,
        lr=parameters.learning_rate,
        momentum=parameters.momentum or 0.0,
        weight_decay=parameters.weight_decay or 0.0,
        fused=True,
    )


def build_rmsprop(parameters: Hyperparameters, weights: Any) -> Optimizer:
    """Return RMSprop with Keras's rho of 0.9: Hinton 2012, "Neural networks", lecture 6e.

    Epsilon is added to the root as in torch, not below it as in Keras.
    """
    return RMSprop(
        weights,
        lr=parameters.learning_rate,
        alpha=RMSPROP_RHO,
        eps=KERAS_EPSILON,
        momentum=parameters.momentum or 0.0,
        weight_decay=parameters.weight_decay or 0.0,
    )


BUILDERS: Mapping[str, Callable[[Hyperparameters, Any], Optimizer]] = {
    "adam": build_adam,
    "adamw": build_adamw,
    "sgd": build_sgd,
    "rmsprop": build_rmsprop,
}
"""By the names of `training.parameters.catalog.OPTIMIZERS`."""
