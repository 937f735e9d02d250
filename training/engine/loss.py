"""What a training minimises: cross-entropy, unless the network has a loss of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor, nn


@runtime_checkable
class HasOwnLoss(Protocol):
    """A network that is trained by another loss than cross-entropy."""

    def logits_and_loss(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return (N, C) logits of (N, 1, 28, 28) images, and the loss against (N,) labels."""
        ...


def logits_and_loss(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return (N, C) logits of (N, 1, 28, 28) float32 images, and the loss against (N,) labels."""
    if isinstance(model, HasOwnLoss):
        return model.logits_and_loss(images, labels)
    logits = model(images).float()  # bf16, where the layers compute in it
    return logits, functional.cross_entropy(logits, labels)
