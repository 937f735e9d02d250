"""Check that stops a training before a loss or gradient that is not finite changes the weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor
    from torch.optim import Optimizer


class NotFiniteError(ValueError):
    """A training produced NaN or infinity; nothing of it was saved."""

    def __init__(self, what: str, value: float | None, step: int) -> None:
        """Describe the error.

        Args:
            what: The quantity, as the subject of a clause.
            value: NaN or an infinity; None if unknown.
            step: Optimiser steps before the one that failed.
        """
        kind = "NaN or infinite" if value is None else "NaN" if math.isnan(value) else "infinite"
        self.what = f"{what} became {kind}"
        """For example "loss became NaN"."""
        self.step = step
        super().__init__(f"{self.what} at step {step + 1}")


class NonFiniteCheck:
    """Check of loss and gradients between the backward pass and the optimiser's step.

    On CUDA it would make every step wait for the device. A deferred check sets a flag on the
    device, which `look` reads when a metric row or a checkpoint waits anyway. The flag disables
    this and all later steps of a fused optimiser; other optimisers continue with weights that are
    discarded, since nothing is saved or scored before `look`.
    """

    def __init__(self, optimizer: Optimizer, device: torch.device, *, is_deferred: bool) -> None:
        self._weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        self._is_deferred = is_deferred
        if not self._is_deferred:
            return
        self._is_tripped = torch.zeros((), device=device)
        """0 or 1."""
        self._step = torch.zeros((), dtype=torch.float64, device=device)
        self._loss = torch.zeros((), device=device)
        """Step and loss of the first failure, else of the last step."""
        self._one = torch.ones((), device=device)
        # The contract of torch.amp.GradScaler with the fused optimisers.
        if getattr(optimizer, "_step_supports_amp_scaling", False):
            optimizer.found_inf = self._is_tripped  # type: ignore[attr-defined]

    def check(self, loss: Tensor, step: int | Tensor) -> None:
        """Check a loss and its gradients, after `step` optimiser steps.

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
        was_tripped = self._is_tripped > 0
        self._step.copy_(torch.where(was_tripped, self._step, step))
        self._loss.copy_(torch.where(was_tripped, self._loss, loss.detach()))
        # As in GradScaler, with a scale of 1: one kernel over all values sets the flag. It does
        # not support bf16, which weights of a user's network may have.
        values = [value.detach().float() for value in (loss, *gradients)]
        torch._amp_foreach_non_finite_check_and_unscale_(values, self._is_tripped, self._one)

    @property
    def state(self) -> list[Tensor]:
        """Tensors on the device that `check` changes in place."""
        return [self._is_tripped, self._step, self._loss] if self._is_deferred else []

    def look(self) -> None:
        """Raise if any step so far was not finite; waits for the device.

        Raises:
            NotFiniteError: One of them was not finite.
        """
        if self._is_deferred and self._is_tripped.item():
            step, loss = int(self._step.item()), self._loss.item()
            _require_finite(step, loss, 0.0)
            raise NotFiniteError("the gradient", None, step)


def require_finite_state(what: str, tensors: Iterable[Tensor], step: int) -> None:
    """Refuse to save a state that is not finite, after `step` optimiser steps.

    Raises:
        NotFiniteError: Finite gradients have driven a value beyond what its type can hold.
    """
    for tensor in tensors:
        value = tensor.detach().sum().item()
        if not math.isfinite(value):  # or only the sum is too large for its type
            value = tensor.detach().sum(dtype=torch.float64).item()
        if not math.isfinite(value):
            raise NotFiniteError(what, value, step - 1)


def _require_finite(step: int, loss: float, gradient: float) -> None:
    for what, value in (("loss", loss), ("the gradient", gradient)):
        if not math.isfinite(value):
            raise NotFiniteError(what, value, step)
