"""The device of a training, its random state, and the fingerprint of what results depend on.

Call these functions only after the worker has forked: they may start CUDA, which survives no fork.
"""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from mnist_tui.training.engine.memory import keep_freed_memory
from mnist_tui.training.parameters.expected_fingerprint import code_checksum, processor_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

STREAM_OF_TRAINING = 0x5EED0001
"""Separates the random numbers of dropout from those of the first weights."""


def list_devices() -> list[str]:
    """Return the devices of this machine, the fastest first: cuda:0 …, mps, cpu."""
    devices = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]


def choose_device(name: str) -> torch.device:
    """Return the device called `name`: auto, cpu, cuda, cuda:N or mps.

    Raises:
        ValueError: It is absent; the sentence lists the devices of this machine.
    """
    present = list_devices()
    chosen = {"auto": present[0], "cuda": "cuda:0"}.get(name, name)
    if chosen not in present:
        raise ValueError(
            f"There is no device {name} here; choose auto or one of {', '.join(present)}."
        )
    return torch.device(chosen)


def prepare(device: torch.device, threads: int | None) -> None:
    """Set threads and memory of the CPU; on CUDA choose deterministic kernels."""
    if threads:
        torch.set_num_threads(threads)
    if device.type == "cpu":
        keep_freed_memory()
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False


def memory_format(device: torch.device) -> torch.memory_format:
    """Return the memory format of convolution weights.

    Channels last halves a step on the CPU; on CUDA it takes a fifth off a step of `bn-cnn` in bf16
    and two fifths off one of `chen-resnet`.
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def seed_rng(seed: int) -> None:
    """Seed the random generators of a training on every device."""
    torch.manual_seed(seed ^ STREAM_OF_TRAINING)


def rng_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of every random generator that a training on `device` uses."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_rng_state(device: torch.device, state: dict[str, Tensor]) -> None:
    """Set the random generators to `state`, except that of another kind of device."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    if device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])


def fingerprint(
    device: torch.device,
    data_checksum: str | None = None,
    code_files: Sequence[str] = (),
    precision: str = "fp32",
) -> dict[str, Any]:
    """Return versions, threads, device and data as plain types; `exactness` compares them.

    Args:
        device: Device of the training.
        data_checksum: Checksum of its data: `Data.checksum`.
        code_files: The files of a user's model.
        precision: Precision of a training step, fp32 or bf16.
    """
    return {
        "device": device.type,
        "device_name": torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else processor_name(),
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
