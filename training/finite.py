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

    On CUDA that would make every step wait for the device. Where the look is deferred, the device
    sets a flag, and `look` reads it when a metric row or a checkpoint waits anyway. The flag turns
    this and all later steps of a fused optimiser into nothing; others go on with weights that
    nobody will see, since nothing is saved or scored before a look.
    """

    def __init__(self, optimizer: Optimizer, device: torch.device, *, is_deferred: bool) -> None:
        self._optimizer = optimizer
        self._weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        self._is_deferred = is_deferred
        if not self._is_deferred:
            return
        self._first = torch.zeros(3, dtype=torch.float64, device=device)
        """(3,): step, loss and gradient norm of the first step that went wrong, else the last."""
        self._is_tripped = torch.zeros((), dtype=torch.float32, device=device)
        """0 or 1."""
        # The contract of torch.amp.GradScaler with the fused optimisers.
        if getattr(optimizer, "_step_supports_amp_scaling", False):
            optimizer.found_inf = self._is_tripped  # type: ignore[attr-defined]

    def check(self, loss: Tensor, step: int | Tensor) -> None:
        """Take in a loss and the gradients it left, after `step` optimiser steps.

        Args:
            loss: A scalar.
            step: A number; on CUDA it may be a float64 scalar on the device.

        Raises:
            NotFiniteError: One of them is not finite; the optimiser must not step.
        """
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        if not self._is_deferred:
            # One NaN or infinity makes a sum NaN or infinite, at a quarter of the cost of a norm.
            _require_finite(int(step), loss.item(), sum(g.sum().item() for g in gradients))
            return
        values = torch.stack((loss.detach(), get_total_norm(gradients)))
        now = torch.cat((torch.zeros_like(self._first[:1]).add_(step), values.to(torch.float64)))
        self._first.copy_(torch.where(self._is_tripped > 0, self._first, now))
        self._is_tripped.clamp_(min=(~torch.isfinite(values)).any().to(torch.float32))

    @property
    def state(self) -> list[Tensor]:
        """What `check` changes on the device, always in place."""
        return [self._first, self._is_tripped] if self._is_deferred else []

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
