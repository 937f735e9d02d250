"""Hardware of the machine, found without torch: CPU cores, CUDA devices, boot identity."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path


def num_cores() -> int:
    """Return the CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_threads(slots: int) -> int:
    """Return the CPU threads of a session, so that all slots together fill the machine."""
    return max(1, num_cores() // slots)


def num_cuda_devices() -> int:
    """Return the number of NVIDIA devices that the driver reports; 0 without a driver."""
    import pynvml  # noqa: PLC0415 — 15 ms and 2 MB, needed only for CUDA

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return 0
    try:
        return int(pynvml.nvmlDeviceGetCount())
    finally:
        pynvml.nvmlShutdown()


def why_absent(device: str, visible: str | None = None) -> str | None:
    """Return the reason why `device` cannot be used here, or None; auto and cpu always can.

    Args:
        device: auto, cpu, cuda, cuda:N or mps.
        visible: The session's CUDA_VISIBLE_DEVICES.
    """
    if device in ("auto", "cpu"):
        return None
    if device == "mps":
        is_apple = platform.system() == "Darwin" and platform.machine() == "arm64"
        return None if is_apple else "there is no MPS device here; use auto or cpu"
    count = num_cuda_devices()
    if visible is not None:
        count = min(count, len([entry for entry in visible.split(",") if entry.strip()]))
    index = int(device.partition(":")[2] or 0)
    if index < count:
        return None
    offered = ", ".join(["auto", "cpu", *(f"cuda:{n}" for n in range(count))])
    return f"there is no {device} here; use one of {offered}"


def boot_id() -> str:
    """Return an identifier of the current boot; empty on systems without one."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def num_oom_kills() -> int | None:
    """Return the number of processes killed by the kernel for lack of memory since boot."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return None
