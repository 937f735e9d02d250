"""Devices, their processes and the sessions on them as tables to export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import MachineReading
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Table

DEVICE_COLUMNS = (
    "device", "name", "utilization", "memory_used_bytes", "memory_total_bytes", "temperature_c",
    "power_w", "power_limit_w",
)  # fmt: skip
SESSION_COLUMNS = (
    "session", "name", "state", "pid", "cpu_cores", "memory_bytes", "gpu_memory_bytes", "gpus",
)  # fmt: skip
USER_COLUMNS = ("device", "pid", "user", "memory_bytes", "session")


def device_tables(reading: MachineReading, sessions: Mapping[int, SessionRecord]) -> list[Table]:
    """Return the devices, the processes on GPUs, and the sessions with their use of the machine.

    Args:
        reading: The newest reading.
        sessions: Sessions by the pid of their worker.
    """
    tables = [
        raw_table("devices", DEVICE_COLUMNS, _devices(reading)),
        raw_table("sessions", SESSION_COLUMNS, _sessions(reading, sessions)),
    ]
    if reading.gpus:
        tables.insert(1, raw_table("gpu processes", USER_COLUMNS, _users(reading, sessions)))
    return tables


def _devices(reading: MachineReading) -> list[tuple[Value, ...]]:
    cores = f"{reading.num_cores} cores" if reading.num_cores else None
    gpus: list[tuple[Value, ...]] = [
        (f"gpu{gpu.index}", gpu.name, gpu.utilization, gpu.memory_used_bytes,
         gpu.memory_total_bytes, gpu.temperature_c, gpu.power_w, gpu.power_limit_w)
        for gpu in reading.gpus
    ]  # fmt: skip
    return [
        *gpus,
        ("cpu", cores, reading.cpu_share, reading.memory_used_bytes, reading.memory_total_bytes,
         reading.cpu_temperature_c, reading.cpu_power_w, None),
    ]  # fmt: skip


def _users(
    reading: MachineReading, sessions: Mapping[int, SessionRecord]
) -> list[tuple[Value, ...]]:
    return [
        (f"gpu{gpu.index}", process.pid, process.user, process.memory_bytes,
         sessions[process.pid].id if process.pid in sessions else None)
        for gpu in reading.gpus
        for process in gpu.processes or ()
    ]  # fmt: skip


def _sessions(
    reading: MachineReading, sessions: Mapping[int, SessionRecord]
) -> list[tuple[Value, ...]]:
    uses = {pid: reading.process(pid) for pid in sessions}
    return [
        (record.id, record.name, record.state.value, pid,
         *((use.cpu_cores, use.memory_bytes, use.gpu_memory_bytes,
            " ".join(f"gpu{index}" for index in use.gpus)) if use else (None,) * 4))
        for (pid, record), use in zip(sessions.items(), uses.values(), strict=True)
    ]  # fmt: skip
