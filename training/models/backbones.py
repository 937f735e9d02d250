"""Networks of torchvision with a new head, optionally pretrained on ImageNet."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from mnist_tui.training.models.layers import relu
from mnist_tui.training.parameters.pretrained import PRETRAINED, checked_path, weights_folder

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

BACKBONE_SIDE = 32
"""Images are enlarged to this many pixels a side, the smallest that suits these networks."""
RGB = 3

# Names in files older than torchvision's current DenseNet: norm.1 for norm1 and so on.
_OLD_NAME = re.compile(r"^(.*denselayer\d+\.(?:norm|conv))\.([12]\..*)$")


class Backbone(nn.Module):
    """A network of torchvision with a dense layer and an output layer instead of its classifier.

    Takes (N, 1, 28, 28), enlarges them to 32×32 bilinearly and gives three equal channels on. With
    `is_frozen` the network keeps its weights, and its batch normalization keeps its statistics even
    while the head is trained.
    """

    def __init__(
        self,
        name: str,
        backbone: nn.Module,
        num_features: int,
        parameters: Hyperparameters,
        num_classes: int,
    ) -> None:
        super().__init__()
        assert parameters.dense_units
        self.name = name
        """The key of `training.parameters.pretrained.PRETRAINED`."""
        self.is_frozen = bool(parameters.pretrained)
        self.resize = nn.Upsample(
            size=(BACKBONE_SIDE, BACKBONE_SIDE), mode="bilinear", align_corners=False
        )
        self.backbone = backbone.requires_grad_(not self.is_frozen)
        self.dense1 = nn.Linear(num_features, parameters.dense_units)
        self.relu = relu()
        self.dense2 = nn.Linear(parameters.dense_units, num_classes)
        self.train()

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, C) logits of (N, 1, 28, 28) images."""
        features = self.backbone(self.resize(images).expand(-1, RGB, -1, -1))
        logits: Tensor = self.dense2(self.relu(self.dense1(features)))
        return logits

    def train(self, mode: bool = True) -> Backbone:
        """Set the mode of all parts; a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.is_frozen:
            self.backbone.eval()
        return self


def build_resnet50(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return ResNet-50 with average pooling, a dense layer and the output: 25,616,458 parameters.

    Source: He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition".
    """
    from torchvision.models import resnet50  # noqa: PLC0415 — 0.5 s that other networks save

    backbone = resnet50()
    num_features = backbone.fc.in_features
    backbone.fc = nn.Identity()
    return Backbone("resnet50", backbone, num_features, parameters, num_classes)


def build_densenet121(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return DenseNet-121 with average pooling, a dense layer and the output: 8,013,706 parameters.

    Source: Huang, Liu, van der Maaten, Weinberger 2017, "Densely connected convolutional networks".
    """
    from torchvision.models import densenet121  # noqa: PLC0415 — as above

    backbone = densenet121()
    num_features = backbone.classifier.in_features
    backbone.classifier = nn.Identity()
    return Backbone("densenet121", backbone, num_features, parameters, num_classes)


def load_pretrained(model: nn.Module) -> None:
    """Load the ImageNet weights of a frozen backbone; leave every other network as it is.

    Raises:
        StorageError: The file with the weights is missing or damaged.
    """
    if not (isinstance(model, Backbone) and model.is_frozen):
        return
    path = checked_path(weights_folder(os.environ), PRETRAINED[model.name])
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    model.backbone.load_state_dict(_without_classifier(loaded))


def _without_classifier(loaded: dict[str, Any]) -> dict[str, Any]:
    return {
        _OLD_NAME.sub(r"\1\2", name): tensor
        for name, tensor in loaded.items()
        if not name.startswith(("fc.", "classifier."))
    }
