"""The device a training runs on, its random state, and the threads of this process.

To be used after the worker has forked: asking for CUDA starts it, and CUDA does not survive a fork.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mnist_tui.training.engine.memory import keep_freed_memory

if TYPE_CHECKING:
    from torch import Tensor

STREAM_OF_TRAINING = 0x5EED0001
"""Keeps dropout from drawing the numbers that the first weights were made of."""


def present_devices() -> list[str]:
    """Return the devices of this machine, the fastest first: cuda:0 …, mps, cpu."""
    devices = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return [*devices, "cpu"]


def choose_device(asked: str) -> torch.device:
    """Return the device `asked` for: auto, cpu, cuda, cuda:N or mps.

    Raises:
        ValueError: It is not there; the sentence lists what is.
    """
    present = present_devices()
    chosen = {"auto": present[0], "cuda": "cuda:0"}.get(asked, asked)
    if chosen not in present:
        raise ValueError(
            f"There is no device {asked} here; choose auto or one of {', '.join(present)}."
        )
    return torch.device(chosen)


def prepare(device: torch.device, threads: int | None) -> None:
    """Set threads and memory of the CPU, or on CUDA kernels that give the same result each time."""
    if threads:
        torch.set_num_threads(threads)
    if device.type == "cpu":
        keep_freed_memory()
    if device.type == "cuda":
        torch.cuda.set_device(device)
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False


def memory_format(device: torch.device) -> torch.memory_format:
    """Return how convolution weights lie in memory.

    Channels last halves a step on the CPU; on CUDA it takes a fifth off a step of `bn-cnn` in bf16
    and two fifths off one of `chen-resnet`.
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def seed_rng(seed: int) -> None:
    """Start the random stream of a training, on every device."""
    torch.manual_seed(seed ^ STREAM_OF_TRAINING)


def rng_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of every generator a training on `device` draws from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_rng_state(device: torch.device, state: dict[str, Tensor]) -> None:
    """Continue the random streams of `state`; one of another kind of device is left alone."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    if device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])
