"""The work of a training step on the device, recorded once as a CUDA graph and then replayed.

A step of a small network is a hundred operations, which the processor takes longer to launch than
the device to carry out; a graph is launched as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor, nn

NUM_WARM_UP = 3
"""Steps before the recording, in which libraries choose kernels and take memory."""


class Batch(NamedTuple):
    """What a training step works on."""

    indices: Tensor
    """(B,) int64: which images of the training split, on its device."""
    offsets: Tensor | None
    """(B, 2) int64: how far each is moved, where images are; on the CPU until it is needed."""
    step: int | Tensor
    """Optimiser steps done before, as a number or as a float64 scalar on the device."""


class StepGraph:
    """Recorded work on batches of one size; gradients lie where the recording left them."""

    def __init__(
        self,
        work: Callable[[Batch], None],
        batch: Batch,
        weights: Sequence[nn.Parameter],
        state: Iterable[Tensor],
    ) -> None:
        """Record what `work` does to `batch`; afterwards everything is as it was.

        Args:
            work: Computes gradients of the weights, all on the device and without waiting for it.
            batch: Of the size that all others will have.
            weights: Those that get gradients.
            state: What else the work changes.

        Raises:
            RuntimeError: It does something that cannot be recorded, or memory is short.
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
            # A recording that failed leaves the generator unable to draw outside of one.
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
        """Do the recorded work on another batch of the same size."""
        self._indices.copy_(batch.indices)
        if self._offsets is not None and batch.offsets is not None:
            self._offsets.copy_(batch.offsets, non_blocking=True)
        self._step.fill_(batch.step)
        self._graph.replay()
        # A step that was not replayed has put its own gradients there.
        if self._weights[0].grad is not self._gradients[0]:
            for weight, gradient in zip(self._weights, self._gradients, strict=True):
                weight.grad = gradient

    def _forget_gradients(self) -> None:
        for weight in self._weights:
            weight.grad = None
