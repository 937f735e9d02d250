"""Hysteresis of device readings: a figure changes only if it differs by more than its margin.

An idle machine sends nothing over a slow link, and no figure is wrong by more than its margin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

if TYPE_CHECKING:
    from mnist_tui.training.devices.device_readings import (
        GpuReading,
        MachineReading,
        ProcessReading,
    )

Number = TypeVar("Number", int, float)

SHARE_MARGIN = 0.02
CELSIUS_MARGIN = 1.5
MEMORY_MARGIN = 0.005
"""Share of all memory."""
POWER_MARGIN = 0.02
"""Share of the limit."""
WATT_MARGIN = 4.0
"""Used if no limit is known."""
CORES_MARGIN = 0.05
PROCESS_MEMORY_MARGIN = 0.03
"""Share of the memory that the process holds."""


def calm(shown: MachineReading | None, now: MachineReading) -> MachineReading:
    """Return `now` with the values of `shown` for every figure that has hardly changed."""
    if shown is None:
        return now
    gpus = {gpu.index: gpu for gpu in shown.gpus}
    return replace(
        now,
        cpu_share=_steady(shown.cpu_share, now.cpu_share, SHARE_MARGIN),
        cpu_temperature_c=_steady(shown.cpu_temperature_c, now.cpu_temperature_c, CELSIUS_MARGIN),
        cpu_power_w=_steady(shown.cpu_power_w, now.cpu_power_w, WATT_MARGIN),
        memory_used_bytes=_steady(
            shown.memory_used_bytes,
            now.memory_used_bytes,
            MEMORY_MARGIN * (now.memory_total_bytes or 0),
        ),
        gpus=tuple(_calm_gpu(gpus.get(gpu.index), gpu) for gpu in now.gpus),
        processes=tuple(
            _calm_process(shown.process(process.pid), process) for process in now.processes
        ),
    )


def _calm_gpu(shown: GpuReading | None, now: GpuReading) -> GpuReading:
    if shown is None:
        return now
    memory_margin = MEMORY_MARGIN * (now.memory_total_bytes or 0)
    power_margin = POWER_MARGIN * now.power_limit_w if now.power_limit_w else WATT_MARGIN
    return replace(
        now,
        utilization=_steady(shown.utilization, now.utilization, SHARE_MARGIN),
        memory_used_bytes=_steady(shown.memory_used_bytes, now.memory_used_bytes, memory_margin),
        temperature_c=_steady(shown.temperature_c, now.temperature_c, CELSIUS_MARGIN),
        power_w=_steady(shown.power_w, now.power_w, power_margin),
    )


def _calm_process(shown: ProcessReading | None, now: ProcessReading) -> ProcessReading:
    if shown is None:
        return now
    margin = PROCESS_MEMORY_MARGIN * (now.memory_bytes or 0)
    return replace(
        now,
        cpu_cores=_steady(shown.cpu_cores, now.cpu_cores, CORES_MARGIN),
        memory_bytes=_steady(shown.memory_bytes, now.memory_bytes, margin),
    )


def _steady(shown: Number | None, now: Number | None, margin: float) -> Number | None:
    if shown is None or now is None or abs(now - shown) > margin:
        return now
    return shown
