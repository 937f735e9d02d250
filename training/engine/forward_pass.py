"""Forward pass and loss of a training step: eager or compiled, in fp32 or bf16."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from torch import Tensor, nn

AMPERE = (8, 0)
"""The first CUDA compute capability with bf16 in its tensor cores."""


class CompileError(ValueError):
    """A network cannot be compiled; the text is a sentence for the session's row."""


@runtime_checkable
class HasOwnLoss(Protocol):
    """A network that minimises another loss than cross-entropy."""

    def logits_and_loss(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return (N, C) logits of (N, 1, 28, 28) images, and the loss against (N,) labels."""
        ...


def logits_and_loss(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return (N, C) logits of (N, 1, 28, 28) float32 images, and the loss against (N,) labels."""
    if isinstance(model, HasOwnLoss):
        return model.logits_and_loss(images, labels)
    logits = model(images).float()  # bf16 if the layers compute in it
    return logits, functional.cross_entropy(logits, labels)


def compile_forward(model: nn.Module) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return `logits_and_loss` of `model`, compiled at the first batch of each size.

    Sizes are static: with dynamic ones, a training that resumes with another batch size than it
    began with might compute in another order.

    Raises:
        CompileError: From the returned function, if no code can be generated.
    """
    # 1 s, which trainings without compilation save.
    from torch._dynamo.exc import TorchDynamoException  # noqa: PLC0415 — see above
    from torch._inductor.exc import InductorError  # noqa: PLC0415 — see above

    def function(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return logits_and_loss(model, images, labels)

    generated = torch.compile(function, dynamic=False)

    def explained(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        try:
            return generated(images, labels)
        except (TorchDynamoException, InductorError) as error:
            detail = str(error).strip().partition("\n")[0][:200]
            raise CompileError(
                f"the network cannot be compiled: {detail}; train it with compile=false, or install"
                " a C++ compiler"
            ) from error

    return explained


def choose_precision(precision: str, device: torch.device) -> str:
    """Return fp32 or bf16 for the parameter `precision`: one of them, or auto."""
    if precision != "auto":
        return precision
    return "bf16" if has_fast_bf16(device) else "fp32"


def has_fast_bf16(device: torch.device) -> bool:
    """Return True if the device multiplies bf16 faster than fp32: AMX, AVX512-BF16, or Ampere."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= AMPERE
    if device.type == "cpu":
        # The public functions came with torch 2.7 and cover less.
        return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return False


def autocast(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of a forward pass.

    In bf16 only convolutions and matrix products are computed in it; weights and gradients stay
    float32: Micikevicius et al. 2018, "Mixed precision training", section 3.1. bf16 has float32's
    range, so that no loss scaling is needed.
    """
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)
