"""Readings of this machine: psutil for CPU, memory and processes, NVML for GPUs."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from mnist_tui.training.devices.cpu_sensors import PowerMeter, cpu_temperature_c
from mnist_tui.training.devices.device_readings import GpuReading, MachineReading, ProcessReading
from mnist_tui.training.devices.nvml import NvmlGpus
from mnist_tui.training.devices.process_tree import ProcessTree
from mnist_tui.training.devices.timeout_call import TimeoutCall, TookTooLong
from mnist_tui.training.sessions.hardware import num_cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GPU_PATIENCE_S = 1.0
"""A healthy driver responds within milliseconds."""


@dataclass(frozen=True)
class _Used:
    """CPU seconds used until a moment."""

    at: float
    seconds: float


class LiveSampler:
    """Sampler of this machine; it never raises, nor waits long for a driver that hangs."""

    def __init__(self, families: ProcessTree | None = None) -> None:
        self._families = families or ProcessTree()
        self._read_gpus = TimeoutCall(NvmlGpus().read, GPU_PATIENCE_S)
        self._meter = PowerMeter()
        self._processes: dict[int, psutil.Process] = {}
        self._used: dict[int, _Used] = {}
        self._cpu_before: tuple[float, float] | None = None

    def read(self, pids: Sequence[int]) -> MachineReading:
        """Return the machine as it is now; shares of CPU time come with the second reading."""
        gpus, are_gpus_silent = self._gpus()
        memory = psutil.virtual_memory()
        return MachineReading(
            time=time.time(),
            num_cores=num_cores(),
            cpu_share=self._cpu_share(),
            cpu_temperature_c=cpu_temperature_c(),
            cpu_power_w=self._meter.read_w(),
            memory_used_bytes=memory.total - memory.available,
            memory_total_bytes=memory.total,
            gpus=gpus,
            are_gpus_silent=are_gpus_silent,
            processes=tuple(self._read_processes(pids, gpus)),
        )

    def _gpus(self) -> tuple[tuple[GpuReading, ...], bool]:
        try:
            return self._read_gpus(), False
        except TookTooLong:
            return (), True

    def _cpu_share(self) -> float | None:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        # Linux counts the time of guests twice: under guest and under user.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        before, self._cpu_before = self._cpu_before, (idle, total)
        if before is None or total <= before[1]:
            return None
        share = 1.0 - float(idle - before[0]) / float(total - before[1])
        return min(1.0, max(0.0, share))

    def _read_processes(
        self, pids: Sequence[int], gpus: Sequence[GpuReading]
    ) -> Iterable[ProcessReading]:
        families = self._families.of(pids)
        self._forget_all_but({member for pid in pids for member in families.get(pid, ())})
        for pid in pids:
            family = self._read_family(pid, families.get(pid, (pid,)), gpus)
            if family is not None:
                yield family

    def _read_family(
        self, pid: int, members: Sequence[int], gpus: Sequence[GpuReading]
    ) -> ProcessReading | None:
        """Return one process with its descendants; None if it has ended."""
        figures = {member: self._figures(member) for member in members}
        if figures.get(pid) is None:
            return None
        living = [usage for usage in figures.values() if usage is not None]
        cores = [share for share, _ in living if share is not None]
        memory, indexes = gpu_use(members, gpus)
        return ProcessReading(
            pid=pid,
            cpu_cores=sum(cores) if cores else None,
            memory_bytes=sum(resident for _, resident in living),
            gpu_memory_bytes=memory,
            gpus=indexes,
        )

    def _figures(self, pid: int) -> tuple[float | None, int] | None:
        """Return cores used since the last reading and resident bytes of one process."""
        try:
            process = self._same_process(pid)
            with process.oneshot():
                times, resident = process.cpu_times(), process.memory_info().rss
        except (psutil.Error, OSError):
            self._forget(pid)
            return None
        if not resident:
            return None  # a zombie, whose parent has not waited yet
        now = _Used(time.monotonic(), times.user + times.system)
        before, self._used[pid] = self._used.get(pid), now
        if before is None or now.at <= before.at:
            return None, resident
        return max(0.0, now.seconds - before.seconds) / (now.at - before.at), resident

    def _same_process(self, pid: int) -> psutil.Process:
        """Return the process known by this pid, or the new one that has it now."""
        process = self._processes.get(pid)
        if process is None or not process.is_running():
            self._forget(pid)
            process = self._processes[pid] = psutil.Process(pid)
        return process

    def _forget_all_but(self, kept: set[int]) -> None:
        for pid in set(self._processes) - kept:
            self._forget(pid)

    def _forget(self, pid: int) -> None:
        with suppress(KeyError):
            del self._processes[pid]
        self._used.pop(pid, None)


def gpu_use(pids: Sequence[int], gpus: Sequence[GpuReading]) -> tuple[int | None, tuple[int, ...]]:
    """Return the GPU memory that processes hold together, and the GPUs that they use."""
    uses = [
        (gpu.index, process.memory_bytes)
        for gpu in gpus
        for process in gpu.processes or ()
        if process.pid in pids
    ]
    sizes = [size for _, size in uses if size is not None]
    return sum(sizes) if sizes else None, tuple(sorted({index for index, _ in uses}))
