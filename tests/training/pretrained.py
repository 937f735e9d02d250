"""Weights as torchvision's server has them, random, under a name that matches their hash."""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING

import torch
from torchvision.models import densenet121

from mnist_tui.training.parameters.pretrained import PretrainedWeights

if TYPE_CHECKING:
    from torch import Tensor

# Of the file of 2017: norm.1 for norm1, and no count of batches.
_NEW_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))([12]\.)")


def random_weights() -> dict[str, Tensor]:
    """Return random weights and statistics of DenseNet-121, its classifier included."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        state: dict[str, Tensor] = densenet121().state_dict()
        for name, tensor in state.items():
            if name.endswith(("running_mean", "running_var")):
                tensor.uniform_(0.5, 1.5)
    return state


def published(state: dict[str, Tensor]) -> bytes:
    """Return the bytes of a file as old as the one that is published."""
    old = {
        _NEW_NAME.sub(r"\1.\2", name): tensor
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }
    buffer = io.BytesIO()
    torch.save(old, buffer)
    return buffer.getvalue()


def weights_named_by(content: bytes) -> PretrainedWeights:
    """Return the weights of densenet121 as if a file with this content were the published one."""
    digest = hashlib.sha256(content).hexdigest()[:8]
    return PretrainedWeights("densenet121", f"http://127.0.0.1:9/densenet121-{digest}.pth")
