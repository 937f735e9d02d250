"""Capsule network with dynamic routing.

Source: Sabour, Frosst, Hinton 2017, "Dynamic routing between capsules".
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.models.layers import relu
from mnist_tui.training.parameters.model_options import CAPSULE_VALUES, each

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

DIGIT_VALUES = 16
NUM_ROUTINGS = 3
MOST_PRESENT, LEAST_PRESENT = 0.9, 0.1
"""m⁺ and m⁻: the length to reach for the true class, and not to exceed for others."""
ABSENT_WEIGHT = 0.5
RECONSTRUCTION_WEIGHT = 0.0005
DECODER_UNITS = (512, 1024)
WEIGHT_DEVIATION = 0.1
EPSILON = 1e-7
"""Keeps the length of a zero vector differentiable, and the odds of a length finite."""


def build_capsnet(parameters: Hyperparameters, num_classes: int) -> nn.Module:
    """Return the network of the paper, its decoder included: 8,215,568 parameters by default."""
    assert parameters.filters
    assert parameters.kernel_size
    kernel1, kernel2 = each(parameters.kernel_size, 2) or ()
    return CapsNet(parameters.filters, (kernel1, kernel2), num_classes)


class CapsNet(nn.Module):
    """A convolution, primary capsules, one capsule for each class, and a decoder.

    The length of a class's capsule is the probability of that class, independent of the others. An
    image has exactly one class, so its probabilities are proportional to the odds
    length / (1 − length): the logits are their logarithms, in the order of the lengths.
    """

    def __init__(
        self, filters: tuple[int, ...], kernels: tuple[int, int], num_classes: int
    ) -> None:
        super().__init__()
        side = (IMAGE_SIDE - kernels[0] + 1 - kernels[1]) // 2 + 1
        num_primary = filters[1] // CAPSULE_VALUES * side * side
        self.conv1 = nn.Conv2d(1, filters[0], kernels[0])
        self.relu1 = relu()
        self.primary = nn.Conv2d(filters[0], filters[1], kernels[1], stride=2)
        self.digits = ClassCapsules(num_primary, num_classes)
        self.decoder = _decoder(num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, C) logits of (N, 1, 28, 28) images in 0..1."""
        return logits_of(self.capsules(images))

    def capsules(self, images: Tensor) -> Tensor:
        """Return the capsules of the classes, (N, C, 16)."""
        maps = self.primary(self.relu1(self.conv1(images)))
        # (N, 32·8, S, S) → (N, 32·S·S, 8): a capsule is 8 maps at one place.
        primary = torch.unflatten(maps, 1, (-1, CAPSULE_VALUES)).permute(0, 1, 3, 4, 2)
        # Lengths near 0 and 1 decide, and bf16 has three digits. Tensors on the meta device, of
        # which summaries are made, have no autocast.
        kind = images.device.type
        with nullcontext() if kind == "meta" else torch.autocast(kind, enabled=False):
            capsules: Tensor = self.digits(squash(primary.flatten(1, 3).float()))
        return capsules

    def reconstruct(self, capsules: Tensor, labels: Tensor) -> Tensor:
        """Return (N, 784) pixels in 0..1, decoded from each image's true capsule alone."""
        mask = functional.one_hot(labels, capsules.shape[1]).unsqueeze(2)
        pixels: Tensor = self.decoder((capsules * mask).flatten(1))
        return pixels

    def logits_and_loss(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return (N, C) logits and the loss to train with: margin loss plus reconstruction error.

        The squared error is summed over the pixels of an image; both are means over images.
        """
        capsules = self.capsules(images)
        error = self.reconstruct(capsules, labels) - images.flatten(1)
        reconstruction = error.square().sum(dim=1).mean()
        loss = margin_loss(lengths_of(capsules), labels) + RECONSTRUCTION_WEIGHT * reconstruction
        return logits_of(capsules), loss


class ClassCapsules(nn.Module):
    """One capsule of 16 values for each class, routed by agreement: (N, P, 8) → (N, C, 16)."""

    def __init__(self, num_primary: int, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.weight = nn.Parameter(
            torch.empty(num_primary, num_classes * DIGIT_VALUES, CAPSULE_VALUES)
        )

    def initialize(self, generator: torch.Generator) -> None:
        """Draw normal weights, small enough that no class is present at first."""
        nn.init.normal_(self.weight, std=WEIGHT_DEVIATION, generator=generator)

    def forward(self, primary: Tensor) -> Tensor:
        """Return the capsules that the primary ones agree on."""
        weight = torch.unflatten(self.weight, 1, (self.num_classes, DIGIT_VALUES))
        return route(primary, weight.permute(1, 0, 3, 2))


def route(primary: Tensor, weight: Tensor, num_routings: int = NUM_ROUTINGS) -> Tensor:
    """Return (N, C, V) capsules of (N, P, I) primary ones, by procedure 1 of the paper.

    The prediction of primary capsule p for class c is `primary[:, p] @ weight[c, p]`, with weights
    (C, P, I, V). These predictions, 160 values for each capsule of 8, are never stored: sums over
    capsules and agreements are products of the capsules and the weights just as well.

    The coupling is a constant in the backward pass: the gradient flows through the predictions
    of the last round.
    """
    by_class = weight.flatten(1, 2)
    fixed, fixed_by_class = primary.detach(), by_class.detach()
    agreement = torch.zeros(
        (len(weight), *primary.shape[:2]), dtype=primary.dtype, device=primary.device
    )
    for _ in range(num_routings - 1):
        capsules = squash(_weighted(fixed, fixed_by_class, agreement))
        wanted = torch.unflatten(capsules @ fixed_by_class.transpose(1, 2), 2, fixed.shape[1:])
        agreement = agreement + (wanted * fixed).sum(dim=3)
    return squash(_weighted(primary, by_class, agreement)).transpose(0, 1)


def squash(vectors: Tensor) -> Tensor:
    """Return vectors of the same direction and a length below 1: equation 1 of the paper."""
    squared = vectors.square().sum(dim=-1, keepdim=True)
    return vectors * (squared / (1 + squared) / (squared + EPSILON).sqrt())


def lengths_of(capsules: Tensor) -> Tensor:
    """Return the lengths, (N, C) in 0..1, of (N, C, V) capsules."""
    return (capsules.square().sum(dim=-1) + EPSILON).sqrt()


def logits_of(capsules: Tensor) -> Tensor:
    """Return the log-odds of the presence of each class, (N, C)."""
    return torch.logit(lengths_of(capsules), eps=EPSILON)


def margin_loss(lengths: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over images of equation 4 of the paper, for (N, C) lengths."""
    is_there = functional.one_hot(labels, lengths.shape[1])
    missed = (MOST_PRESENT - lengths).clamp(min=0).square()
    imagined = (lengths - LEAST_PRESENT).clamp(min=0).square()
    each_class = is_there * missed + ABSENT_WEIGHT * (1 - is_there) * imagined
    return each_class.sum(dim=1).mean()


def _weighted(primary: Tensor, by_class: Tensor, agreement: Tensor) -> Tensor:
    """Return the (C, N, V) sums of predictions, each by its share; agreement is (C, N, P)."""
    coupling = agreement.softmax(dim=0)
    return (coupling.unsqueeze(3) * primary).flatten(2) @ by_class


def _decoder(num_classes: int) -> nn.Module:
    first, second = DECODER_UNITS
    return nn.Sequential(
        nn.Linear(num_classes * DIGIT_VALUES, first),
        relu(),
        nn.Linear(first, second),
        relu(),
        nn.Linear(second, IMAGE_SIDE * IMAGE_SIDE),
        nn.Sigmoid(),
    )
