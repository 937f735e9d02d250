"""Sessions as lines with the cores and memory that each of them uses, and their total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.devices.device_text import total
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import TEXT, Column, columns
from mnist_tui.tui.text.styled_lines import line_of
from mnist_tui.tui.text.table import Cell, Table
from mnist_tui.tui.text.text_writer import table_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import MachineReading, ProcessReading
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.styled_lines import Line

NONE_RUN = "no session has a process now"
COLUMNS = (
    Column("session", TEXT._replace(width=22), min_width=12),
    Column("state", TEXT._replace(width=10)),
    *columns("pid", "cpu_cores", "memory_bytes", "gpu_memory_bytes", "gpus"),
)
OF_GPUS = 2
"""Columns at the end that only a machine with GPUs has."""


def session_lines(
    reading: MachineReading, sessions: Mapping[int, SessionRecord], width: int
) -> list[Line]:
    """Return a heading, each session with its use of the machine, and their total."""
    if not sessions:
        return [line_of((f" {NONE_RUN}", "muted"))]
    uses = {pid: reading.process(pid) for pid in sessions}
    rows = [_row(record, uses[pid]) for pid, record in sessions.items()]
    if len(sessions) > 1:
        rows.append(_total([use for use in uses.values() if use is not None]))
    table = Table("sessions", COLUMNS, rows)
    if not reading.gpus:
        table = table.select(*table.names[:-OF_GPUS])
    return [((" ", ""), *line) for line in table_lines(table, width - 1, is_steady=True)]


def _row(record: SessionRecord, use: ProcessReading | None) -> tuple[Value | Cell, ...]:
    look = formatting.state_look(record)
    return (
        f"#{record.id} {record.name}",
        Cell(f"{look.glyph} {look.word}", role=look.tone),
        record.worker_pid,
        use.cpu_cores if use else None,
        use.memory_bytes if use else None,
        use.gpu_memory_bytes if use else None,
        " ".join(f"gpu{index}" for index in use.gpus) if use else "",
    )


def _total(uses: Sequence[ProcessReading]) -> tuple[Cell, ...]:
    values = (
        "total",
        "",
        "",
        total(use.cpu_cores for use in uses),
        total(use.memory_bytes for use in uses),
        total(use.gpu_memory_bytes for use in uses),
        "",
    )
    return tuple(Cell(value, role="bold") for value in values)
