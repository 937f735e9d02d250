"""What a machine does at one moment: CPU, memory, graphics processors and single processes.

Every figure that a machine does not tell is None, a part that it does not have is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class GpuProcess(Struct, frozen=True, kw_only=True):
    """A process that a GPU works for, whoever started it."""

    pid: int
    memory_bytes: int | None = None
    """GPU memory it holds."""
    user: str | None = None
    """Login name of its owner; None where the process cannot be looked at."""


class GpuReading(Struct, frozen=True, kw_only=True):
    """One GPU; under MIG a driver keeps some figures of the whole board to itself."""

    index: int
    """As the driver counts them, which is not what CUDA_VISIBLE_DEVICES makes of it."""
    name: str | None = None
    utilization: float | None = None
    """Share of the last moments in which a kernel ran, 0..1."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    processes: tuple[GpuProcess, ...] | None = None
    """Who uses it; None where the driver does not tell."""


class ProcessReading(Struct, frozen=True, kw_only=True):
    """A process together with its children, and theirs."""

    pid: int
    cpu_cores: float | None = None
    """CPU cores it kept busy since the reading before, so 1.0 is one whole core."""
    memory_bytes: int | None = None
    """Resident memory; pages that processes share count for each of them."""
    gpu_memory_bytes: int | None = None
    """GPU memory on all GPUs together; None where it uses none or no driver tells."""
    gpus: tuple[int, ...] = ()
    """Indexes of the GPUs that it uses."""


class MachineReading(Struct, frozen=True, kw_only=True):
    """The machine at one moment."""

    time: float
    """Unix seconds."""
    num_cores: int | None = None
    cpu_share: float | None = None
    """Share of all CPU time that was used since the reading before, 0..1."""
    cpu_temperature_c: float | None = None
    cpu_power_w: float | None = None
    """Mean power of the CPU packages since the reading before."""
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    gpus: tuple[GpuReading, ...] = ()
    are_gpus_silent: bool = False
    """Whether there is a driver that no longer answers."""
    processes: tuple[ProcessReading, ...] = ()
    """Those that were asked about and live, in the order they were asked for."""

    def process(self, pid: int | None) -> ProcessReading | None:
        """Return what is known of a process that was asked about."""
        return next((found for found in self.processes if found.pid == pid), None)


class Sampler(Protocol):
    """Where readings come from: this machine or a recording."""

    def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the machine as it is now; takes milliseconds, so call it in a thread.

        Args:
            pids: Processes to look at singly.
        """
        ...
