"""Readings of a machine at one moment: CPU, memory, GPUs and single processes.

Every figure that a machine does not report is None, a part that it does not have is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class GpuProcess(Struct, frozen=True, kw_only=True):
    """A process that uses a GPU, of any user."""

    pid: int
    memory_bytes: int | None = None
    """GPU memory that it holds."""
    user: str | None = None
    """Login name of its owner; None if the process cannot be inspected."""


class GpuReading(Struct, frozen=True, kw_only=True):
    """One GPU; under MIG a driver does not report some figures of the whole board."""

    index: int
    """The driver's index, which CUDA_VISIBLE_DEVICES does not change."""
    name: str | None = None
    utilization: float | None = None
    """Share of the last moments in which a kernel ran, 0..1."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    processes: tuple[GpuProcess, ...] | None = None
    """Processes that use it; None if the driver does not report them."""


class ProcessReading(Struct, frozen=True, kw_only=True):
    """A process together with its children, and theirs."""

    pid: int
    cpu_cores: float | None = None
    """CPU cores that it kept busy since the last reading: 1.0 is one whole core."""
    memory_bytes: int | None = None
    """Resident memory; pages that processes share count for each of them."""
    gpu_memory_bytes: int | None = None
    """GPU memory on all GPUs together; None if it uses none or no driver reports it."""
    gpus: tuple[int, ...] = ()
    """Indexes of the GPUs that it uses."""


class MachineReading(Struct, frozen=True, kw_only=True):
    """The machine at one moment."""

    time: float
    """Unix seconds."""
    num_cores: int | None = None
    cpu_share: float | None = None
    """Share of all CPU time used since the last reading, 0..1."""
    cpu_temperature_c: float | None = None
    cpu_power_w: float | None = None
    """Mean power of the CPU packages since the last reading."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    gpus: tuple[GpuReading, ...] = ()
    are_gpus_silent: bool = False
    """True if there is a driver that no longer responds."""
    processes: tuple[ProcessReading, ...] = ()
    """Those of the requested processes that live, in the order of the request."""

    def process(self, pid: int | None) -> ProcessReading | None:
        """Return the usage of a requested process, if it lives."""
        return next((process for process in self.processes if process.pid == pid), None)


class Sampler(Protocol):
    """Source of readings: this machine or a recording."""

    def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the machine as it is now; takes milliseconds, so call it in a thread.

        Args:
            pids: Processes to look at singly.
        """
        ...
