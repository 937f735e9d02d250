"""Stops a training before a loss or gradient that is not finite reaches the weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn.utils import get_total_norm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor
    from torch.optim import Optimizer


class NotFiniteError(ValueError):
    """A training produced NaN or infinity; nothing of it was saved."""

    def __init__(self, what: str, value: float, step: int) -> None:
        self.what = f"{what} became {'NaN' if math.isnan(value) else 'infinite'}"
        """As "loss became NaN"."""
        self.step = step
        """The optimiser steps done before the one that went wrong."""
        super().__init__(f"{self.what} at step {step + 1}")


class FiniteGuard:
    """Looks at loss and gradients between the backward pass and the optimiser's step.

    On the CPU it looks at once. On CUDA that would make every step wait for the device; there a
    flag on the device turns this and all later steps of a fused optimiser into nothing, and `look`
    reads it when a metric row or a checkpoint waits for the device anyway.
    """

    def __init__(self, optimizer: Optimizer, device: torch.device) -> None:
        self._optimizer = optimizer
        self._weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        # The contract of torch.amp.GradScaler with the fused optimisers.
        is_fused = getattr(optimizer, "_step_supports_amp_scaling", False)
        self._is_deferred = device.type == "cuda" and is_fused
        self._first = torch.zeros(3, dtype=torch.float64, device=device)
        """(3,): step, loss and gradient norm of the first step that went wrong, else the last."""
        self._is_tripped = torch.zeros((), dtype=torch.bool, device=device)

    def check(self, loss: Tensor, step: int) -> None:
        """Take in a loss and the gradients it left, after `step` optimiser steps.

        Raises:
            NotFiniteError: One of them is not finite; the optimiser must not step.
        """
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        if not self._is_deferred:
            # One NaN or infinity makes a sum NaN or infinite, at a quarter of the cost of a norm.
            _require_finite(step, loss.item(), sum(g.sum().item() for g in gradients))
            return
        values = torch.stack((loss.detach(), get_total_norm(gradients)))
        now = torch.cat((torch.full_like(self._first[:1], step), values.to(torch.float64)))
        self._first = torch.where(self._is_tripped, self._first, now)
        self._is_tripped = self._is_tripped | ~torch.isfinite(values).all()
        self._optimizer.found_inf = self._is_tripped.to(torch.float32)  # type: ignore[attr-defined]

    def look(self) -> None:
        """Find out about every step so far; waits for the device.

        Raises:
            NotFiniteError: One of them was not finite.
        """
        if self._is_deferred and self._is_tripped.item():
            step, loss, norm = self._first.tolist()
            _require_finite(int(step), loss, norm)


def require_finite_state(what: str, tensors: Iterable[Tensor], step: int) -> None:
    """Refuse state that is not all finite, before it is saved after `step` optimiser steps.

    Raises:
        NotFiniteError: Finite gradients have driven a value beyond what its type can hold.
    """
    for tensor in tensors:
        value = tensor.detach().sum().item()
        if not math.isfinite(value):  # or too large for its own type only when it is added up
            value = tensor.detach().sum(dtype=torch.float64).item()
        if not math.isfinite(value):
            raise NotFiniteError(what, value, step - 1)


def _require_finite(step: int, loss: float, gradient: float) -> None:
    for what, value in (("loss", loss), ("the gradient", gradient)):
        if not math.isfinite(value):
            raise NotFiniteError(what, value, step)
