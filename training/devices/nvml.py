"""GPU readings from the NVIDIA driver through NVML; any single figure may be missing.

The driver counts processes by the pids of the host, so inside a container with pids of its own
no process is recognised.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from mnist_tui.training.devices.device_readings import GpuProcess, GpuReading

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

Value = TypeVar("Value")

LIBRARY = "libnvidia-ml.so.1"
"""The library that comes with the driver."""
RETRY_AFTER_S = 30.0
"""Time between two attempts to reach a driver that has gone."""
NOT_AVAILABLE = frozenset({2**32 - 1, 2**64 - 1})
"""Values of the driver for unknown numbers: nvidia-smi's [N/A]."""


class NvmlGpus:
    """Reader of all GPUs, none without library, driver or GPU. For one thread at a time."""

    def __init__(self) -> None:
        self._nvml: ModuleType | None = None
        self._is_open = False
        self._is_hopeless = False
        self._retry_at = 0.0

    def read(self) -> tuple[GpuReading, ...]:
        """Return a reading of every GPU that responds, in the order of the driver."""
        nvml = self._opened()
        if nvml is None:
            return ()
        count = self._ask(nvml.nvmlDeviceGetCount)
        if count is None:
            self._close(nvml)
            return ()
        readings = [self._read_one(nvml, index) for index in range(count)]
        return tuple(reading for reading in readings if reading is not None)

    def _read_one(self, nvml: ModuleType, index: int) -> GpuReading | None:
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
        except nvml.NVMLError_NoPermission:
            return None  # assigned elsewhere, such as to another container
        except nvml.NVMLError:
            return GpuReading(index=index)
        ask = self._ask
        memory = self._memory(nvml, handle)
        rates = ask(nvml.nvmlDeviceGetUtilizationRates, handle)
        celsius = ask(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU)
        return GpuReading(
            index=index,
            name=_text(ask(nvml.nvmlDeviceGetName, handle)),
            utilization=_scaled(getattr(rates, "gpu", None), 100, at_most=1.0),
            memory_used_bytes=_number(getattr(memory, "used", None)),
            memory_total_bytes=_number(getattr(memory, "total", None)) or None,
            temperature_c=_scaled(celsius, 1),
            power_w=_scaled(ask(nvml.nvmlDeviceGetPowerUsage, handle), 1000),
            power_limit_w=_scaled(ask(nvml.nvmlDeviceGetEnforcedPowerLimit, handle), 1000),
            processes=self._processes(nvml, handle),
        )

    def _memory(self, nvml: ModuleType, handle: Any) -> Any:
        """Return the memory in use, without the driver's own share if the driver reports that."""
        version = getattr(nvml, "nvmlMemory_v2", None)
        newer = self._ask(nvml.nvmlDeviceGetMemoryInfo, handle, version) if version else None
        return newer or self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)

    def _processes(self, nvml: ModuleType, handle: Any) -> tuple[GpuProcess, ...] | None:
        lists = [
            self._ask_newest(nvml, f"nvmlDeviceGet{kind}RunningProcesses", handle)
            for kind in ("Compute", "Graphics", "MPSCompute")
        ]
        if all(processes is None for processes in lists):
            return None
        memory: dict[int, int | None] = {}
        for process in (process for processes in lists for process in processes or ()):
            # A process that computes and draws is listed twice, with the same memory.
            size = _number(process.usedGpuMemory)
            memory[process.pid] = max(size or 0, memory.get(process.pid) or 0) or size
        return tuple(
            GpuProcess(pid=pid, memory_bytes=memory[pid], user=_owner(pid))
            for pid in sorted(memory)
        )

    def _ask_newest(self, nvml: ModuleType, function: str, handle: Any) -> Any:
        """Call the newest version of a function that both library and driver support."""
        for name in (f"{function}_v3", f"{function}_v2", function):
            versioned = getattr(nvml, name, None)
            answer = self._ask(versioned, handle) if versioned else None
            if answer is not None:
                return answer
        return None

    def _ask(self, function: Callable[..., Value], *arguments: Any) -> Value | None:
        """Return the result of a driver call; None for any of its errors."""
        assert self._nvml is not None
        errors = (
            self._nvml.NVMLError,
            self._nvml.NVMLLibraryMismatchError,
            UnicodeDecodeError,  # a name in no known encoding
        )
        try:
            return function(*arguments)
        except errors:
            return None

    def _opened(self) -> ModuleType | None:
        """Return the library with the driver open, or None if there is none."""
        if self._is_open:
            return self._nvml
        if self._is_hopeless or time.monotonic() < self._retry_at:
            return None
        if not _has_library():
            self._is_hopeless = True
            return None
        import pynvml  # noqa: PLC0415 — 15 ms and 3.5 MB that a machine without a driver saves

        self._nvml = pynvml
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            self._retry_at = time.monotonic() + RETRY_AFTER_S
        else:
            self._is_open = True
        return self._nvml if self._is_open else None

    def _close(self, nvml: ModuleType) -> None:
        """Close a driver that does not respond, to open it again later."""
        self._ask(nvml.nvmlShutdown)
        self._is_open = False
        self._retry_at = time.monotonic() + RETRY_AFTER_S


def _has_library() -> bool:
    import ctypes  # noqa: PLC0415 — 5 ms, on the first reading rather than at start

    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def _number(value: Any) -> int | None:
    if not isinstance(value, int) or value in NOT_AVAILABLE:
        return None
    return value


def _scaled(value: Any, divisor: float, at_most: float = float("inf")) -> float | None:
    number = _number(value)
    return None if number is None else min(number / divisor, at_most)


def _text(value: Any) -> str | None:
    """Return a name as text; older libraries return bytes."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    return text or None


def _owner(pid: int) -> str | None:
    import psutil  # noqa: PLC0415 — 12 ms that a machine without GPU processes saves

    try:
        return str(psutil.Process(pid).username())
    except (psutil.Error, OSError, KeyError):
        return None
