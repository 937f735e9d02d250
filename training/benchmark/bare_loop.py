"""The bare loop: the least that a training needs.

Network, optimiser and operations on tensors are those of a session; metric rows, checkpoints,
commands and checks are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.optim import Adam

from mnist_tui.training.engine import device as devices
from mnist_tui.training.engine.forward_pass import autocast, choose_precision, logits_and_loss
from mnist_tui.training.engine.initialization import initialize
from mnist_tui.training.models import build_model

if TYPE_CHECKING:
    from mnist_tui.training.data.dataset import Data
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


class BareLoop:
    """One network that is trained a few batches at a time."""

    def __init__(self, parameters: Hyperparameters, data: Data, device: torch.device) -> None:
        self._device = device
        self._images, self._labels = data.train.images, data.train.labels
        self._batch_size = parameters.batch_size
        self._precision = choose_precision(parameters.precision, device)
        self._model = build_model(parameters, data.num_classes)
        initialize(self._model, parameters.initialization, parameters.seed)
        self._model.to(device, memory_format=devices.memory_format(device))  # type: ignore[call-overload]
        weights = [weight for weight in self._model.parameters() if weight.requires_grad]
        self._optimizer = Adam(weights, lr=parameters.learning_rate, fused=True)
        self._order = torch.randperm(len(self._labels), device=device)
        self._start = 0

    def train(self, num_batches: int) -> None:
        """Train; on a GPU the work may still be under way afterwards."""
        for _ in range(num_batches):
            indices = self._next_indices()
            images = torch.index_select(self._images, 0, indices)
            labels = torch.index_select(self._labels, 0, indices)
            images = images.unsqueeze(1).to(torch.float32).div_(255)
            self._optimizer.zero_grad()
            with autocast(self._precision, self._device):
                _, loss = logits_and_loss(self._model, images, labels)
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()

    def _next_indices(self) -> torch.Tensor:
        if self._start + self._batch_size > len(self._order):
            self._start = 0
        self._start += self._batch_size
        return self._order[self._start - self._batch_size : self._start]
