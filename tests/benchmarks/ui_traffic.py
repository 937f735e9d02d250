"""Bytes sent to the terminal, and the processor time of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.benchmarks.results import Result
from tests.benchmarks.ui_stage import NUM_RUNNING, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import Chunk, WatchedTerminal

NUM_STORED = 1_000
STILL_S, WATCH_S, WARM_UP_S = 10.0, 30.0, 3.0
AXES = (("epochs", b"", 2_048), ("time", b"xx", 5_120))
"""Each axis, the keys that choose it, and the bytes a second that it may cost."""
CPU_LIMIT = 2.0
GROWING: dict[str, Any] = {"epochs": 300, "batch_size": 8}
"""So that the curves grow by a column every second or so while they are watched."""


def bytes_at_rest(stage: UiStage) -> Iterator[Result]:
    """Yield what is sent while nothing changes."""
    with stage.open(stage.workspace(NUM_STORED)) as terminal:
        settle(terminal, quiet_s=2.5)
        sent = _num_bytes(terminal.take_for(STILL_S))
    yield Result(
        f"nothing changes, {NUM_STORED:,} stored", f"{sent} B in {STILL_S:.0f} s", "0 B", sent == 0
    )


def bytes_while_training(stage: UiStage) -> Iterator[Result]:
    """Yield bytes a second, with a fixed axis and with one of time."""
    with (
        stage.training(NUM_STORED, **GROWING) as (workspace, _),
        stage.open(workspace) as terminal,
    ):
        settle(terminal)
        for axis, keys, limit in AXES:
            for key in keys:
                terminal.press(bytes((key,)))
            terminal.take_for(WARM_UP_S)
            rate = _num_bytes(terminal.take_for(WATCH_S)) / WATCH_S
            yield Result(
                f"bytes, {NUM_RUNNING} running, both charts, 120×40, axis of {axis}",
                f"{rate:,.0f} B/s",
                f"≤ {limit // 1024} KiB/s",
                rate <= limit,
            )


def processor_time(stage: UiStage) -> Iterator[Result]:
    """Yield the processor time of the screen, on cores that are free and on cores that are not."""
    for how, training in (
        ("train, most of the cores' time is free", stage.paced_training),
        ("train on every core at full speed", stage.training),
    ):
        with training(NUM_STORED, **GROWING) as (workspace, _), stage.open(workspace) as terminal:
            settle(terminal)
            terminal.take_for(WARM_UP_S)
            used_before = _cpu_s(terminal)
            terminal.take_for(WATCH_S)
            share = 100 * (_cpu_s(terminal) - used_before) / WATCH_S
        yield Result(
            f"processor time of the screen while {NUM_RUNNING} {how}",
            f"{share:.1f} % of one core over {WATCH_S:.0f} s",
            f"≤ {CPU_LIMIT:.0f} %",
            share <= CPU_LIMIT,
        )


def _num_bytes(chunks: list[Chunk]) -> int:
    return sum(len(chunk.content) for chunk in chunks)


def _cpu_s(terminal: WatchedTerminal) -> float:
    times = terminal.ui.cpu_times()
    return float(times.user + times.system)
