"""`devices`: load of GPUs, CPU and memory, and the share of each session."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mnist_tui.tui.devices.device_tables import device_tables
from mnist_tui.tui.devices.device_text import at_work
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import output_width, write
from mnist_tui.tui.text.figures import LONG_TEXT, Column
from mnist_tui.tui.text.formatting import memory
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import GpuReading, MachineReading
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.text.table import Table

APART_S = 0.5
"""Between the two readings that shares of CPU time need."""
SHOWN_OF_DEVICES = (
    "device", "utilization", "memory_used_bytes", "memory_total_bytes", "temperature_c", "power_w",
    "power_limit_w", "name",
)  # fmt: skip
SHOWN_OF_SESSIONS = (
    "session", "name", "pid", "cpu_cores", "memory_bytes", "gpu_memory_bytes", "gpus",
)  # fmt: skip


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
    devices, *_, takers = device_tables(reading, sessions)
    lines = table_text(_with_users(devices.select(*SHOWN_OF_DEVICES), reading, sessions), width)
    if sessions:
        lines += ["", *table_text(takers.select(*SHOWN_OF_SESSIONS), width)]
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


def _with_users(
    devices: Table, reading: MachineReading, sessions: Mapping[int, SessionRecord]
) -> Table:
    """Return the devices with a column of the processes on each GPU."""
    users = [*(_users(gpu, sessions) or None for gpu in reading.gpus), ""]
    rows = [(*row, text) for row, text in zip(devices.rows, users, strict=True)]
    return devices._replace(columns=(*devices.columns, Column("used by", LONG_TEXT)), rows=rows)


def _users(gpu: GpuReading, sessions: Mapping[int, SessionRecord]) -> str:
    users = []
    for process in gpu.processes or ():
        record = sessions.get(process.pid)
        who = (
            f"#{record.id}" if record else f"pid {process.pid} {printable(process.user or '', 16)}"
        )
        held = "" if process.memory_bytes is None else f" {memory(process.memory_bytes)}"
        users.append(f"{who.strip()}{held}")
    return ", ".join(users)
