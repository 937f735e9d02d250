"""CUDA graph of a training step: its work on the device, recorded once and then replayed.

A step of a small network is a hundred operations, which the CPU takes longer to launch than the
device to compute; a graph is launched as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor, nn

NUM_WARM_UP = 3
"""Steps before the recording, in which libraries choose kernels and allocate memory."""


class Batch(NamedTuple):
    """Input of a training step."""

    indices: Tensor
    """(B,) int64: images of the training split, on its device."""
    offsets: Tensor | None
    """(B, 2) int64: shifts of the images, if they are augmented; on the CPU until needed."""
    step: int | Tensor
    """Optimiser steps done before: a number, or a float64 scalar on the device."""


class StepGraph:
    """Recorded work on batches of one size; gradients stay in the tensors of the recording."""

    def __init__(
        self,
        work: Callable[[Batch], None],
        batch: Batch,
        weights: Sequence[nn.Parameter],
        state: Iterable[Tensor],
    ) -> None:
        """Record `work` on `batch`; afterwards weights, state and random state are as before.

        Args:
            work: Computes gradients of the weights, all on the device and without waiting for it.
            batch: One of the size that all others will have.
            weights: The weights that get gradients.
            state: The other tensors that the work changes.

        Raises:
            RuntimeError: The work cannot be recorded, or memory is short.
        """
        device = batch.indices.device
        self._weights = weights
        self._indices = batch.indices.clone()
        self._offsets = None if batch.offsets is None else batch.offsets.to(device)
        self._step = torch.zeros((), dtype=torch.float64, device=device)
        kept = [(tensor, tensor.clone()) for tensor in state]
        rng = torch.cuda.get_rng_state(device)
        inputs = Batch(self._indices, self._offsets, self._step)
        self._graph = torch.cuda.CUDAGraph()
        aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream(device))
        try:
            with torch.cuda.stream(aside):
                for _ in range(NUM_WARM_UP):
                    self._forget_gradients()
                    work(inputs)
            self._forget_gradients()
            with torch.cuda.graph(self._graph, stream=aside):
                work(inputs)
            self._gradients = [weight.grad for weight in weights]
        except RuntimeError:
            # A failed recording leaves the generator unable to draw outside of a recording.
            fresh = torch.Generator(device).graphsafe_get_state()
            torch.cuda.default_generators[device.index or 0].graphsafe_set_state(fresh)
            raise
        finally:
            torch.cuda.current_stream(device).wait_stream(aside)
            self._forget_gradients()
            for tensor, before in kept:
                tensor.copy_(before)
            torch.cuda.set_rng_state(rng, device)

    def replay(self, batch: Batch) -> None:
        """Replay the work on another batch of the same size."""
        self._indices.copy_(batch.indices)
        if self._offsets is not None and batch.offsets is not None:
            self._offsets.copy_(batch.offsets, non_blocking=True)
        self._step.fill_(batch.step)
        self._graph.replay()
        # A step without a replay leaves gradients of its own.
        if self._weights[0].grad is not self._gradients[0]:
            for weight, gradient in zip(self._weights, self._gradients, strict=True):
                weight.grad = gradient

    def _forget_gradients(self) -> None:
        for weight in self._weights:
            weight.grad = None
