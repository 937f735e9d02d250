"""What the results of this process depend on beside parameters and data."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from mnist_tui.training.parameters.expected_fingerprint import code_checksum, processor_name

if TYPE_CHECKING:
    from collections.abc import Sequence


def fingerprint(
    device: torch.device,
    data_checksum: str | None = None,
    code_files: Sequence[str] = (),
    precision: str = "fp32",
) -> dict[str, Any]:
    """Return versions, threads, device and data as plain types; `exactness` compares them.

    Args:
        device: Where the training runs.
        data_checksum: Of what it learns from: `Data.checksum`.
        code_files: The files of a model of the user's.
        precision: What a training step computes with, fp32 or bf16.
    """
    return {
        "device": device.type,
        "device_name": _device_name(device),
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "precision": precision,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "onednn_isa": os.environ.get("ONEDNN_MAX_CPU_ISA", "any"),
        "data": data_checksum,
        "code": code_checksum(code_files),
        **({"code_files": list(code_files)} if code_files else {}),
    }


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return processor_name()
