"""Which numbers a training step computes with: fp32, or bf16 where that is asked for."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

AMPERE = (8, 0)
"""The first CUDA compute capability with bf16 in its tensor cores."""


def choose_precision(asked: str, device: torch.device) -> str:
    """Return fp32 or bf16 for what was `asked`: one of them, or auto."""
    if asked != "auto":
        return asked
    return "bf16" if has_fast_bf16(device) else "fp32"


def has_fast_bf16(device: torch.device) -> bool:
    """Return whether the device multiplies bf16 faster than fp32: AMX, AVX512-BF16, or Ampere."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= AMPERE
    if device.type == "cpu":
        # The public names came with torch 2.7 and cover less.
        return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return False


def computing(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of a forward pass.

    In bf16 only what gains by it is computed in it, convolutions and products of matrices; weights
    and gradients stay float32: Micikevicius et al. 2018, "Mixed precision training", section 3.1.
    bf16 has float32's range, so that no loss scaling is needed.
    """
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def in_fp32(device: torch.device) -> AbstractContextManager[object]:
    """Return the context of what needs all digits, whatever is computed in around it."""
    # Tensors without content, of which summaries are made, know no autocast.
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)
