"""Devices as lines: fixed widths, units in the headings, columns without any value left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tui.tui.devices.device_feed import CPU, SPAN_S
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.formatting import gib, memory, total_gib
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import line_of, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import GpuProcess, GpuReading, MachineReading
    from mnist_tui.tui.devices.device_feed import DeviceHistory, Sample
    from mnist_tui.tui.text.styled_lines import Line

INDENT = 1
LABEL_WIDTH, PERCENT_WIDTH, MEMORY_WIDTH, CELSIUS_WIDTH, POWER_WIDTH = 6, 4, 11, 5, 9
GAP = 2
MIN_SPARK, MAX_SPARK = 6, 30
LEVELS = "▁▂▃▄▅▆▇█"
MAX_FOREIGN = 4
"""Processes outside this home that are named for each GPU."""
BAR, QUIET = "accent", "muted"


@dataclass(frozen=True)
class DeviceRow:
    """The figures of one device."""

    label: str
    use: float | None
    memory_used: int | None
    memory_total: int | None
    celsius: float | None
    power: str
    """Watts, with the limit if known; empty if unknown."""
    about: Sequence[Line]
    """Its name and the processes that use it."""


@dataclass(frozen=True)
class DeviceColumns:
    """The visible columns and their widths."""

    bar: int
    spark: int
    """0 if there is no room for a history."""
    has_celsius: bool
    has_power: bool

    @classmethod
    def fitting(cls, width: int, rows: Sequence[DeviceRow]) -> DeviceColumns:
        """Return the columns for `rows` in `width` characters."""
        has_celsius = any(row.celsius is not None for row in rows)
        has_power = any(row.power for row in rows)
        fixed = INDENT + LABEL_WIDTH + PERCENT_WIDTH + GAP + MEMORY_WIDTH + 1
        fixed += CELSIUS_WIDTH * has_celsius + (GAP + POWER_WIDTH) * has_power
        bar = max(5, min(18, (width - fixed - 10) // 3))
        spark = min(MAX_SPARK, width - fixed - 2 * bar - GAP - 1)
        return cls(bar, spark if spark >= MIN_SPARK else 0, has_celsius, has_power)


def device_blocks(
    reading: MachineReading,
    history: DeviceHistory,
    sessions: Mapping[int, SessionRecord],
    width: int,
) -> list[list[Line]]:
    """Return a block of lines per device: figures, then its processes; the first has the heading.

    Args:
        reading: The newest reading.
        history: The last minutes.
        sessions: Sessions by the pid of their worker.
        width: Cells of a line.
    """
    rows = [*(_gpu_row(gpu, sessions) for gpu in reading.gpus), _cpu_row(reading)]
    columns = DeviceColumns.fitting(width, rows)
    blocks = []
    for row in rows:
        samples = history.samples(row.label)
        spark = sparkline(samples, reading.time, columns.spark) if columns.spark else ""
        about = _wrapped(row.about, width - INDENT - LABEL_WIDTH)
        blocks.append([_figures(row, columns, spark), *about])
    blocks[0].insert(0, _heading(columns))
    return blocks


def sparkline(samples: Iterable[Sample], now: float, width: int, span_s: float = SPAN_S) -> str:
    """Return the mean use in each of `width` equal spans up to `now`, a blank if unknown.

    The spans begin at round times, so that the line changes only once per span.
    """
    step_s = span_s / width
    last = int(now // step_s)
    columns: list[list[float]] = [[] for _ in range(width)]
    for time, use in samples:
        place = width - 1 - (last - int(time // step_s))
        if 0 <= place < width:
            columns[place].append(use)
    return "".join(_level(sum(uses) / len(uses)) if uses else " " for uses in columns)


def _level(use: float) -> str:
    return LEVELS[max(0, min(len(LEVELS) - 1, int(use * len(LEVELS))))]


def _gpu_row(gpu: GpuReading, sessions: Mapping[int, SessionRecord]) -> DeviceRow:
    name = printable(gpu.name or "", 30).removeprefix("NVIDIA ").removeprefix("GeForce ")
    return DeviceRow(
        label=f"gpu{gpu.index}",
        use=gpu.utilization,
        memory_used=gpu.memory_used_bytes,
        memory_total=gpu.memory_total_bytes,
        celsius=gpu.temperature_c,
        power=_power(gpu.power_w, gpu.power_limit_w),
        about=[line_of((text, QUIET)) for text in (name,) if text]
        + _users(gpu.processes, sessions),
    )


def _cpu_row(reading: MachineReading) -> DeviceRow:
    cores = formatting.count_of(reading.num_cores, "core") if reading.num_cores else ""
    return DeviceRow(
        label=CPU,
        use=reading.cpu_share,
        memory_used=reading.memory_used_bytes,
        memory_total=reading.memory_total_bytes,
        celsius=reading.cpu_temperature_c,
        power=_power(reading.cpu_power_w, None),
        about=[line_of((cores, QUIET))] if cores else [],
    )


def _users(
    processes: Sequence[GpuProcess] | None, sessions: Mapping[int, SessionRecord]
) -> list[Line]:
    """Return the processes on a GPU: sessions first, then those outside this home."""
    if processes is None:
        return []
    if not processes:
        return [line_of(("free", QUIET))]
    ours: list[Line] = []
    others: list[Line] = []
    for process in processes:
        held = "" if process.memory_bytes is None else f" {memory(process.memory_bytes)}"
        record = sessions.get(process.pid)
        if record is not None:
            ours.append(line_of(f"#{record.id} {printable(record.name, 24)}{held}"))
        else:
            user = f" {printable(process.user, 16)}" if process.user else ""
            others.append(line_of((f"other pid {process.pid}{user}{held}", QUIET)))
    if len(others) > MAX_FOREIGN:
        rest = f"and {len(others) - MAX_FOREIGN} more"
        others[MAX_FOREIGN:] = [line_of((rest, QUIET))]
    return ours + others


def _heading(columns: DeviceColumns) -> Line:
    bar, text = columns.bar, " " * INDENT
    text += f"{'DEV':<{LABEL_WIDTH}}{'USE':<{bar}}{'%':>{PERCENT_WIDTH}}{'':{GAP}}"
    text += f"{'MEM' if bar < 7 else 'MEMORY':<{bar}} {'GiB':>{MEMORY_WIDTH}}"
    if columns.has_celsius:
        text += f"{'°C':>{CELSIUS_WIDTH}}"
    if columns.has_power:
        text += f"{'':{GAP}}{'W':>{POWER_WIDTH}}"
    if columns.spark:
        text += f"{'':{GAP}}{'LAST 5 MIN' if columns.spark >= 10 else '5 MIN'}"
    return line_of((text, "heading"))


def _figures(row: DeviceRow, columns: DeviceColumns, spark: str) -> Line:
    share = row.memory_used / row.memory_total if row.memory_used and row.memory_total else None
    share = 0.0 if row.memory_used == 0 and row.memory_total else share
    percent = "" if row.use is None else f"{row.use * 100:.0f}"
    tail = ""
    if columns.has_celsius:
        celsius = "" if row.celsius is None else f"{row.celsius:.0f}"
        tail += f"{celsius:>{CELSIUS_WIDTH}}"
    if columns.has_power:
        tail += f"{'':{GAP}}{row.power:>{POWER_WIDTH}}"
    return line_of(
        " " * INDENT,
        (f"{row.label:<{LABEL_WIDTH}}", "bold"),
        *_bar(row.use, columns.bar),
        f"{percent:>{PERCENT_WIDTH}}{'':{GAP}}",
        *_bar(share, columns.bar),
        f" {_memory(row):>{MEMORY_WIDTH}}{tail}",
        (f"{'':{GAP}}{spark}" if spark.strip() else "", BAR),
    )


def _bar(share: float | None, width: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the filled and the empty part of a bar, blank if the share is unknown."""
    if share is None:
        return (" " * width, ""), ("", "")
    filled = formatting.bar(share, width).rstrip(formatting.BAR_EMPTY)
    return (filled, BAR), (formatting.BAR_EMPTY * (width - len(filled)), QUIET)


def _memory(row: DeviceRow) -> str:
    used = "" if row.memory_used is None else gib(row.memory_used)
    return used if row.memory_total is None else f"{used}/{total_gib(row.memory_total)}"


def _power(watts: float | None, limit: float | None) -> str:
    if watts is None:
        return ""
    return f"{watts:.0f}" if limit is None else f"{watts:.0f}/{limit:.0f}"


def _wrapped(items: Sequence[Line], width: int) -> list[Line]:
    """Return items side by side on as many lines as they need, indented below the figures."""
    lines: list[Line] = []
    for item in items:
        if lines and width_of(lines[-1]) + 3 + width_of(item) <= width:
            lines[-1] = (*lines[-1], ("   ", ""), *item)
        else:
            lines.append(item)
    return [(*line_of(" " * (INDENT + LABEL_WIDTH)), *line) for line in lines]
