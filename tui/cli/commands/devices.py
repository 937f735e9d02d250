"""`devices`: what this machine's GPUs, CPU and memory do, and what sessions take of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mnist_tui.tui.devices.sessions_at_work import at_work
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import output_width, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.formatting import gib, memory, total_gib
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import GpuReading, MachineReading
    from mnist_tui.tui.cli.context import CliContext

APART_S = 0.5
"""Between the two readings that shares of CPU time need."""
DEVICE_COLUMNS = (
    TextColumn("DEVICE"),
    TextColumn("USE %", is_right=True),
    TextColumn("MEMORY GiB", is_right=True),
    TextColumn("°C", is_right=True),
    TextColumn("W", is_right=True),
    TextColumn("NAME"),
    TextColumn("USED BY"),
)
SESSION_COLUMNS = (
    TextColumn("ID", is_right=True),
    TextColumn("NAME"),
    TextColumn("PID", is_right=True),
    TextColumn("CORES", is_right=True),
    TextColumn("MEMORY", is_right=True),
    TextColumn("GPU MEMORY", is_right=True),
    TextColumn("ON"),
)


@click.command()
@click.option("--json", "is_json", is_flag=True, help="As a JSON object")
@click.pass_obj
def devices(setup: CliContext, is_json: bool) -> None:
    """Show GPUs, CPU and memory, who uses them, and what each session takes."""
    records, _ = setup.read_records()
    sessions = at_work(records)
    reading = _read(setup, sessions)
    if is_json:
        json_output.write_object(_as_json(reading, sessions))
        return
    width = output_width()
    rows = [*(_gpu(gpu, sessions) for gpu in reading.gpus), _cpu(reading)]
    lines = render(DEVICE_COLUMNS, rows, width)
    if sessions:
        lines += ["", *render(SESSION_COLUMNS, _sessions(reading, sessions), width)]
    write(lines)


def _read(setup: CliContext, sessions: Mapping[int, SessionRecord]) -> MachineReading:
    if setup.devices_from is not None:
        return setup.devices_from.read(list(sessions))
    from mnist_tui.training.devices.live_sampler import LiveSampler  # noqa: PLC0415 — psutil, 15 ms replays save

    sampler = LiveSampler()
    sampler.read(list(sessions))
    time.sleep(APART_S)
    return sampler.read(list(sessions))


def _as_json(reading: MachineReading, sessions: Mapping[int, SessionRecord]) -> dict[str, Any]:
    """Return a reading as it is recorded, each process of a session with its ID."""
    plain: dict[str, Any] = msgspec.to_builtins(reading)
    for process in plain["processes"]:
        process["session"] = sessions[process["pid"]].id
    return plain


def _gpu(gpu: GpuReading, sessions: Mapping[int, SessionRecord]) -> list[str]:
    users = []
    for process in gpu.processes or ():
        record = sessions.get(process.pid)
        who = (
            f"#{record.id}" if record else f"pid {process.pid} {printable(process.user or '', 16)}"
        )
        held = "" if process.memory_bytes is None else f" {memory(process.memory_bytes)}"
        users.append(f"{who.strip()}{held}")
    return [
        f"gpu{gpu.index}",
        _percent(gpu.utilization),
        _memory(gpu.memory_used_bytes, gpu.memory_total_bytes),
        _whole(gpu.temperature_c),
        "/".join(_whole(watts) for watts in (gpu.power_w, gpu.power_limit_w) if watts is not None)
        or formatting.ABSENT,
        printable(gpu.name or formatting.ABSENT, 40),
        ", ".join(users) or formatting.ABSENT,
    ]


def _cpu(reading: MachineReading) -> list[str]:
    return [
        "cpu",
        _percent(reading.cpu_share),
        _memory(reading.memory_used_bytes, reading.memory_total_bytes),
        _whole(reading.cpu_temperature_c),
        _whole(reading.cpu_power_w),
        formatting.count_of(reading.num_cores, "core") if reading.num_cores else formatting.ABSENT,
        "",
    ]


def _sessions(reading: MachineReading, sessions: Mapping[int, SessionRecord]) -> list[list[str]]:
    rows = []
    for pid, record in sessions.items():
        use = reading.process(pid)
        cores = use.cpu_cores if use else None
        rows.append(
            [
                str(record.id),
                printable(record.name, 24),
                str(pid),
                formatting.ABSENT if cores is None else f"{cores:.2f}",
                _size(use.memory_bytes if use else None),
                _size(use.gpu_memory_bytes if use else None),
                " ".join(f"gpu{index}" for index in use.gpus) if use else "",
            ]
        )
    return rows


def _percent(share: float | None) -> str:
    return formatting.ABSENT if share is None else f"{share * 100:.0f}"


def _memory(used: int | None, available: int | None) -> str:
    if used is None or available is None:
        return formatting.ABSENT
    return f"{gib(used)}/{total_gib(available)}"


def _whole(value: float | None) -> str:
    return formatting.ABSENT if value is None else f"{value:.0f}"


def _size(count: int | None) -> str:
    return formatting.ABSENT if count is None else memory(count)
