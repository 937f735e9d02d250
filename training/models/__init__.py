"""Networks by name, built from the parameters; one module for each family.

Every network takes (N, 1, 28, 28) float32 images and returns (N, C) logits, C the number of classes
of the dataset. Its parts are named, for checkpoints and for the layer summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.models.backbones import build_densenet121, build_resnet50
from mnist_tui.training.models.batch_norm import build_bn_cnn
from mnist_tui.training.models.capsnet import build_capsnet
from mnist_tui.training.models.densenet import build_chen_densenet
from mnist_tui.training.models.padded_cnns import (
    build_chen_cnn,
    build_cnn3,
    build_fashion_cnn,
    build_mnistnet,
)
from mnist_tui.training.models.resnet import build_chen_resnet
from mnist_tui.training.models.unpadded_cnns import build_cnn, build_hidden_channels, build_lenet
from mnist_tui.training.models.user_models import build_user_model
from mnist_tui.training.parameters.catalog import is_own_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import nn

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def build_model(parameters: Hyperparameters, num_classes: int = 10) -> nn.Module:
    """Return the network named by `parameters.model`, its weights not yet initialized.

    Raises:
        UserModelError: It is a user model and cannot be imported or built.
    """
    if is_own_model(parameters.model):
        return build_user_model(parameters.model, num_classes, parameters.seed)
    return BUILDERS[parameters.model](parameters, num_classes)


BUILDERS: Mapping[str, Callable[[Hyperparameters, int], nn.Module]] = {
    "cnn": build_cnn,
    "cnn3": build_cnn3,
    "mnistnet": build_mnistnet,
    "fashion-cnn": build_fashion_cnn,
    "hidden-channels": build_hidden_channels,
    "bn-cnn": build_bn_cnn,
    "lenet": build_lenet,
    "resnet50": build_resnet50,
    "densenet121": build_densenet121,
    "chen-cnn": build_chen_cnn,
    "chen-resnet": build_chen_resnet,
    "chen-densenet": build_chen_densenet,
    "capsnet": build_capsnet,
}
"""Builders by the names of `training.parameters.catalog.MODELS`."""
