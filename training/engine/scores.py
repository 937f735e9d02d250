"""Scores of a network: sums over batches, their means, and the scoring of a split in chunks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional

from mnist_tui.training.data.dataset import normalize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from mnist_tui.training.data.dataset import Split


class Scores(NamedTuple):
    """Means over images; None for a value that is not finite."""

    loss: float | None
    """Cross-entropy."""
    accuracy: float | None
    """Share of images whose largest output is the true class, 0..1."""
    mse: float | None
    """Squared error of softmax against one-hot label, mean over images and classes (Keras)."""


MAX_WAITING = 16
"""Batches whose scores are computed together on the CPU."""


class ScoreSums:
    """Sums of scores on the device, in the order of the batches, without waiting for it.

    On the CPU the scores of several batches are computed together: within a training step, whose
    data fill the caches, the same computation takes nine times as long.
    """

    def __init__(self, device: torch.device, num_classes: int) -> None:
        # MPS has no float64.
        dtype = torch.float32 if device.type == "mps" else torch.float64
        self.num_images = 0
        self._sums = torch.zeros(3, dtype=dtype, device=device)
        self._num_classes = num_classes
        self._minus_one = torch.full((1, 1), -1.0, device=device)
        self._max_waiting = MAX_WAITING if device.type == "cpu" else 1
        self._waiting: list[tuple[Tensor, Tensor]] = []

    @property
    def sums(self) -> Tensor:
        """(3,): cross-entropy, images classified right, squared error."""
        self._add_waiting()
        return self._sums

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """Add a batch of (B, C) float32 logits with (B,) int64 labels."""
        self.add_unnumbered(logits, labels)
        self.num_images += labels.shape[0]

    def add_unnumbered(self, logits: Tensor, labels: Tensor) -> None:
        """Do the part of `add` that runs on the device: all but the count of images.

        Logits and labels must not change afterwards.
        """
        self._waiting.append((logits, labels))
        if len(self._waiting) >= self._max_waiting:
            self._add_waiting()

    def means(self) -> Scores:
        """Return the means over all images added; waits for the device."""
        loss, right, squared_error = self.sums.tolist()
        return Scores(
            loss=finite(loss / self.num_images),
            accuracy=finite(right / self.num_images),
            mse=finite(squared_error / (self.num_images * self._num_classes)),
        )

    def clear(self) -> None:
        """Reset all sums."""
        self._waiting.clear()
        self._sums.zero_()
        self.num_images = 0

    @torch.no_grad()
    def _add_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for logits, labels in waiting:
            self._sums += self._scores(logits, labels)

    def _scores(self, logits: Tensor, labels: Tensor) -> Tensor:
        log_probabilities = functional.log_softmax(logits, dim=1)
        # Subtract 1 at the label: the same as subtracting a one-hot matrix, without building it.
        error = log_probabilities.exp()
        error.scatter_add_(1, labels.unsqueeze(1), self._minus_one.expand(len(labels), 1))
        return torch.stack(
            (
                functional.nll_loss(log_probabilities, labels, reduction="sum"),
                (logits.argmax(dim=1) == labels).sum(),
                error.square_().sum(),
            )
        )


def finite(value: float) -> float | None:
    """Return the value, or None for NaN and infinity."""
    return value if math.isfinite(value) else None


CPU_CHUNK, DEVICE_CHUNK = 128, 256
"""Images per unit of evaluation: few enough to answer commands soon, and to take less memory than
training does; on the CPU, few enough for its caches."""


def chunk_size(device: torch.device) -> int:
    """Return the number of images that are scored at a time."""
    return CPU_CHUNK if device.type == "cpu" else DEVICE_CHUNK


class Scoring:
    """Progress of the evaluation of a split; it is never saved, but starts again."""

    def __init__(self, split: Split, sums: ScoreSums, *, keeps_probabilities: bool) -> None:
        self.sums = sums
        self.num_done = 0
        self._split = split
        self._kept: list[Tensor] | None = [] if keeps_probabilities else None

    @property
    def is_complete(self) -> bool:
        """True if every image of the split is scored."""
        return self.num_done >= len(self._split)

    def add_chunk(self, model: nn.Module, normalization: str) -> None:
        """Score the next chunk."""
        size = chunk_size(self._split.labels.device)
        chunk = self._split.part(self.num_done, self.num_done + size)
        logits = predict_logits(model, chunk.images, normalization)
        with torch.inference_mode():
            self.sums.add(logits, chunk.labels)
            if self._kept is not None:
                self._kept.append(torch.softmax(logits, dim=1))
        self.num_done += len(chunk)

    def probabilities(self) -> NDArray[np.float32]:
        """Return the probabilities, (N, C) float32; waits for the device."""
        assert self._kept is not None, "made with keeps_probabilities"
        return to_array(torch.cat(self._kept))


def predict_logits(model: nn.Module, images: Tensor, normalization: str) -> Tensor:
    """Return the logits, (B, C) float32, of (B, 28, 28) uint8 images in evaluation mode."""
    model.eval()
    with torch.inference_mode():
        logits: Tensor = model(normalize(images, normalization))
    model.train()
    return logits


def to_array(tensor: Tensor) -> NDArray[np.float32]:
    """Return a float32 tensor of any device as an array."""
    array: NDArray[np.float32] = tensor.cpu().numpy()
    return array
