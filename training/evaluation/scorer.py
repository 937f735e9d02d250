"""Scores images with a network as it is, chunk by chunk, and touches no random state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mnist_tui.training.data.dataset import normalize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from mnist_tui.training.data.dataset import Split
    from mnist_tui.training.evaluation.scores import ScoreSums

CPU_CHUNK, DEVICE_CHUNK = 128, 256
"""Images per unit of evaluation: commands are answered soon, and training takes more memory.

On the CPU more would also leave its caches.
"""


def chunk_size(device: torch.device) -> int:
    """Return how many images are scored at a time."""
    return CPU_CHUNK if device.type == "cpu" else DEVICE_CHUNK


class Scoring:
    """How far the evaluation of a split has come; never saved, it starts again instead."""

    def __init__(self, split: Split, sums: ScoreSums, *, keeps_probabilities: bool) -> None:
        self.sums = sums
        self.num_done = 0
        self._split = split
        self._kept: list[Tensor] | None = [] if keeps_probabilities else None

    @property
    def is_complete(self) -> bool:
        """Whether every image of the split is scored."""
        return self.num_done >= len(self._split)

    def add_chunk(self, model: nn.Module, normalization: str) -> None:
        """Score the next chunk."""
        size = chunk_size(self._split.labels.device)
        chunk = self._split.part(self.num_done, self.num_done + size)
        logits = answers(model, chunk.images, normalization)
        with torch.inference_mode():
            self.sums.add(logits, chunk.labels)
            if self._kept is not None:
                self._kept.append(torch.softmax(logits, dim=1))
        self.num_done += len(chunk)

    def probabilities(self) -> NDArray[np.float32]:
        """Return what was kept, (N, C) float32; waits for the device."""
        assert self._kept is not None, "probabilities are kept where that was asked for"
        return as_array(torch.cat(self._kept))


def answers(model: nn.Module, images: Tensor, normalization: str) -> Tensor:
    """Return the logits, (B, C) float32, of (B, 28, 28) uint8 images in evaluation mode."""
    model.eval()
    with torch.inference_mode():
        logits: Tensor = model(normalize(images, normalization))
    model.train()
    return logits


def as_array(tensor: Tensor) -> NDArray[np.float32]:
    """Return a float32 tensor of any device as an array."""
    array: NDArray[np.float32] = tensor.cpu().numpy()
    return array
