"""What each running session takes of the machine, and all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.devices.device_text import total
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.formatting import memory
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.devices.device_readings import MachineReading, ProcessReading
    from mnist_tui.tui.text.styled_lines import Line

NAME_WIDTH = 22
STATE_WIDTH, PID_WIDTH, CORES_WIDTH, MEMORY_WIDTH = 10, 8, 7, 10
NONE_RUN = "no session has a process now"


def session_lines(
    reading: MachineReading, sessions: Mapping[int, SessionRecord], width: int
) -> list[Line]:
    """Return a heading, each session with what it takes, and their total."""
    if not sessions:
        return [line_of((f" {NONE_RUN}", "muted"))]
    has_gpus = bool(reading.gpus)
    name_width = NAME_WIDTH + max(0, min(18, width - 80))
    uses = {pid: reading.process(pid) for pid in sessions}
    heading = _text("SESSION", "STATE", "PID", "CORES", "MEMORY", name_width)
    if has_gpus:
        heading += f"{'GPU MEMORY':>{MEMORY_WIDTH + 2}}  ON"
    lines = [line_of((heading, "bold muted"))]
    lines += [
        _session_line(record, uses[pid], has_gpus, name_width) for pid, record in sessions.items()
    ]
    if len(sessions) > 1:
        lines.append(_total_line(list(uses.values()), has_gpus, name_width))
    return lines


def _session_line(
    record: SessionRecord, use: ProcessReading | None, has_gpus: bool, name_width: int
) -> Line:
    look = formatting.state_look(record)
    name = f"#{record.id} {printable(record.name, 80)}"
    text = _text(
        name if len(name) <= name_width else f"{name[: name_width - 1]}…",
        "",
        str(record.worker_pid),
        _cores(use.cpu_cores if use else None),
        _size(use.memory_bytes if use else None),
        name_width,
    )
    begin = 1 + name_width + 1
    state = f"{look.glyph} {look.word}".ljust(STATE_WIDTH)
    tail = text[begin + STATE_WIDTH :]
    if has_gpus:
        on = " ".join(f"gpu{index}" for index in use.gpus) if use else ""
        held = _size(use.gpu_memory_bytes if use else None)
        tail += f"{held:>{MEMORY_WIDTH + 2}}  {on}"
    return line_of(text[:begin], (state, look.tone), tail)


def _total_line(uses: Sequence[ProcessReading | None], has_gpus: bool, name_width: int) -> Line:
    known = [use for use in uses if use is not None]
    cores = total(use.cpu_cores for use in known)
    resident = total(use.memory_bytes for use in known)
    text = _text("total", "", "", _cores(cores), _size(resident), name_width)
    if has_gpus:
        held = _size(total(use.gpu_memory_bytes for use in known))
        text += f"{held:>{MEMORY_WIDTH + 2}}"
    return line_of((text, "bold"))


def _text(name: str, state: str, pid: str, cores: str, size: str, name_width: int) -> str:
    return (
        f" {name:<{name_width}} {state:<{STATE_WIDTH}}{pid:>{PID_WIDTH}}{cores:>{CORES_WIDTH}}"
        f"{size:>{MEMORY_WIDTH}}"
    )


def _cores(value: float | None) -> str:
    return formatting.ABSENT if value is None else f"{value:.2f}"


def _size(value: float | None) -> str:
    return formatting.ABSENT if value is None else memory(int(value))
