"""Catalog of models and optimizers by name; no torch.

Builders live in `training.models`, loaders in `training.data.dataset`; both look names up here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters import model_options
from mnist_tui.training.parameters.model_options import Padded, Unpadded

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class ModelInfo:
    """One model: its source and the parameters that shape it."""

    name: str
    source: str
    num_parameters: int
    """Its weights with the default options and ten classes."""
    options: dict[str, Any] = field(default_factory=dict)
    """The parameters it takes beyond those of every training, with their defaults."""
    complete: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Return the options in full form; raises OptionError for what cannot be built."""
    is_unit_only: bool = False
    """True if pixels must be in 0..1, because the model reconstructs such pixels."""


MODELS: dict[str, ModelInfo] = {
    model.name: model
    for model in (
        ModelInfo(
            name="cnn",
            source="Two unpadded convolutions and a dense layer, as in the Keras MNIST tutorials",
            num_parameters=225_034,
            options={"filters": (32, 64), "kernel_size": (3,), "dense_units": 128, "dropout": 0.5},
            complete=Unpadded("cnn", (1, 2), "32-64"),
        ),
        ModelInfo(
            name="cnn3",
            source="Three padded convolutions with pooling and a dense layer, after Keras models"
            " for MNIST",
            num_parameters=241_546,
            options={
                "filters": (32, 64, 128),
                "kernel_size": (3,),
                "dense_units": 128,
                "dropout": 0.25,
            },
            complete=Padded("cnn3", (1, 2, 4), "32-64-128"),
        ),
        ModelInfo(
            name="mnistnet",
            source="Four padded convolutions, pooled after the second and fourth, two dense layers",
            num_parameters=495_498,
            options={
                "filters": (32, 64, 64, 64),
                "kernel_size": (3,),
                "dense_units": 128,
                "dropout": 0.25,
            },
            complete=Padded("mnistnet", (1, 2, 2, 2), "32-64-64-64"),
        ),
        ModelInfo(
            name="fashion-cnn",
            source="Four padded convolutions, pooled after the first three, for Fashion-MNIST",
            num_parameters=980_490,
            options={
                "filters": (32, 64, 128, 256),
                "kernel_size": (3,),
                "dense_units": 256,
                "dropout": 0.5,
            },
            complete=Padded("fashion-cnn", (1, 2, 4, 8), "32-64-128-256"),
        ),
        ModelInfo(
            name="hidden-channels",
            source="Two unpadded convolutions, the second with dropout of whole maps, as in"
            " PyTorch's first MNIST example",
            num_parameters=21_840,
            options={
                "hidden_channels": 10,
                "kernel_size": (5,),
                "dense_units": 50,
                "dropout": 0.5,
                "conv_dropout": 0.2,
            },
            complete=model_options.complete_hidden_channels,
        ),
        ModelInfo(
            name="bn-cnn",
            source="Three convolutions with batch normalization (Ioffe, Szegedy 2015) and pooling",
            num_parameters=29_178,
            options={"filters": (16, 32, 64), "dropout": 0.25},
            complete=Padded("bn-cnn", (1, 2, 4), "16-32-64"),
        ),
        ModelInfo(
            name="lenet",
            source="LeCun et al. 1998, Gradient-based learning applied to document recognition;"
            " with max pooling",
            num_parameters=44_426,
            options={"activation": "tanh"},
        ),
        ModelInfo(
            name="resnet50",
            source="He et al. 2016, Deep residual learning; torchvision's on 32×32×3, a new head",
            num_parameters=25_616_458,
            options={"dense_units": 1024, "pretrained": True},
        ),
        ModelInfo(
            name="densenet121",
            source="Huang et al. 2017, Densely connected networks; torchvision's on 32×32×3, a new"
            " head",
            num_parameters=8_013_706,
            options={"dense_units": 1024, "pretrained": True},
        ),
        ModelInfo(
            name="chen-cnn",
            source="The CNN of Chen et al. 2018 (arXiv:1811.08278), as in TensorFlow's MNIST"
            " tutorial",
            num_parameters=3_274_634,
            options={"filters": (32, 64), "kernel_size": (5,), "dense_units": 1024, "dropout": 0.5},
            complete=Padded("chen-cnn", (1, 2), "32-64"),
        ),
        ModelInfo(
            name="chen-resnet",
            source="The ResNet of Chen et al. 2018 for 28×28: 14 layers (He et al. 2016, 4.2)",
            num_parameters=174_970,
            options={"filters": (16, 32, 64)},
            complete=Padded("chen-resnet", (1, 2, 4), "16-32-64"),
        ),
        ModelInfo(
            name="chen-densenet",
            source="The DenseNet of Chen et al. 2018 for 28×28: DenseNet-BC of 28 layers"
            " (Huang et al. 2017)",
            num_parameters=102_298,
            options={"filters": (12,)},
            complete=model_options.complete_dense_blocks,
        ),
        ModelInfo(
            name="capsnet",
            source="Sabour, Frosst, Hinton 2017, Dynamic routing between capsules; with"
            " reconstruction",
            num_parameters=8_215_568,
            options={"filters": (256, 256), "kernel_size": (9,)},
            complete=model_options.complete_capsnet,
            is_unit_only=True,
        ),
    )
}


_OWN_MODEL = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


def is_own_model(text: str) -> bool:
    """Return True if `text` names a function of the user, as package.module:build."""
    return _OWN_MODEL.fullmatch(text) is not None


def model_info(name: str) -> ModelInfo:
    """Return the entry of a model by name, or an entry for a model of the user.

    Raises:
        KeyError: It is neither.
    """
    if name not in MODELS and is_own_model(name):
        return ModelInfo(name=name, source="A network of your own", num_parameters=0)
    return MODELS[name]


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "adam": {"weight_decay": 0.0},
    "adamw": {"weight_decay": 0.01},
    "sgd": {"momentum": 0.0, "weight_decay": 0.0},
    "rmsprop": {"momentum": 0.0, "weight_decay": 0.0},
}
"""Optimizers by name, with their own parameters and defaults."""
