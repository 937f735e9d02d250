"""Devices in a few words, as part of other lines; unknown figures are left out."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.tui.text.formatting import gib, memory, total_gib

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import GpuReading, MachineReading

GAP = "  "
SILENT = "GPUs do not answer"


def device_summary(reading: MachineReading, width: int) -> str:
    """Return the devices in at most `width` characters: the GPUs, or the CPU if there is none.

    Several GPUs are summarised as their number, mean use, total memory and power, and highest
    temperature.
    """
    if reading.are_gpus_silent:
        parts = [SILENT, *_cpu_parts(reading)]
    else:
        parts = _gpu_parts(reading.gpus) if reading.gpus else _cpu_parts(reading)
    parts = [part for part in parts if part]
    # Power says more about a GPU's load than temperature does, memory more than both.
    for unit in ("°C", "W", "GiB", "%"):
        if len(GAP.join(parts)) <= width:
            break
        parts = [part for part in parts if not part.endswith(unit)]
    line = GAP.join(parts)
    return line if len(line) <= width else ""


def session_use(reading: MachineReading, pid: int | None) -> str:
    """Return the use of a session's worker, such as `gpu1 1.2 GiB · 0.98 cores`, if known."""
    process = reading.process(pid)
    if process is None:
        return ""
    on_gpu = ""
    if process.gpus:
        held = (
            f" {memory(process.gpu_memory_bytes)}" if process.gpu_memory_bytes is not None else ""
        )
        on_gpu = ",".join(f"gpu{index}" for index in process.gpus) + held
    resident = memory(process.memory_bytes) if process.memory_bytes is not None else ""
    cores = f"{process.cpu_cores:.2f} cores" if process.cpu_cores is not None else ""
    return " · ".join(part for part in (on_gpu or resident, cores) if part)


def at_work(records: Iterable[SessionRecord]) -> dict[int, SessionRecord]:
    """Return the sessions with a worker process by its pid, ordered by ID."""
    active = [record for record in records if record.state in ACTIVE]
    return {
        record.worker_pid: record
        for record in sorted(active, key=attrgetter("id"))
        if record.worker_pid is not None
    }


def total(values: Iterable[float | None]) -> float | None:
    """Return the sum of the known values, None if there is none."""
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def _gpu_parts(gpus: tuple[GpuReading, ...]) -> list[str]:
    label = f"gpu{gpus[0].index}" if len(gpus) == 1 else f"{len(gpus)} gpus"
    uses = [gpu.utilization for gpu in gpus if gpu.utilization is not None]
    hottest = max(
        (gpu.temperature_c for gpu in gpus if gpu.temperature_c is not None), default=None
    )
    with_memory = [gpu for gpu in gpus if gpu.memory_total_bytes]
    return [
        _use(label, sum(uses) / len(uses) if uses else None),
        _memory(
            total(gpu.memory_used_bytes for gpu in with_memory),
            total(gpu.memory_total_bytes for gpu in with_memory),
        ),
        _unit(hottest, "°C"),
        _unit(total(gpu.power_w for gpu in gpus), "W"),
    ]


def _cpu_parts(reading: MachineReading) -> list[str]:
    held = _memory(reading.memory_used_bytes, reading.memory_total_bytes)
    return [
        _use("cpu", reading.cpu_share) if reading.cpu_share is not None else "",
        held and f"mem {held}",
        _unit(reading.cpu_temperature_c, "°C"),
        _unit(reading.cpu_power_w, "W"),
    ]


def _use(label: str, share: float | None) -> str:
    return label if share is None else f"{label} {share:4.0%}".replace("%", " %")


def _memory(used: float | None, available: float | None) -> str:
    if used is None or not available:
        return ""
    return f"{gib(int(used)):>4}/{total_gib(int(available))} GiB"


def _unit(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:3.0f} {unit}"
