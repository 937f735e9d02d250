"""Key to answer: from a key press to the frame that shows what it did, while five train."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.results import Result, percentile
from tests.benchmarks.ui_stage import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.ui_stage import UiStage
    from tests.benchmarks.watched_terminal import WatchedTerminal

NUM_STORED = 10_000
NUM_KEYS = 120
LIMIT_MS = 20.0
PAUSE_S = 0.11
"""Between two keys; no divisor of a second, so that keys meet updates as often as chance has it."""
TIMEOUT_S = 2.0
FILTER, NUM_FILTERS = "lenet lr<0.01", 3
DOWN, UP = b"\x1b[B", b"\x1b[A"
PAGE_DOWN = b"\x1b[6~"
CURSOR = "▌"
NAME_END = 24
"""Where the columns that change begin."""


def key_to_answer(stage: UiStage) -> Iterator[Result]:
    """Yield the times of cursor keys in view, of such that scroll, and of typing in the filter."""
    with stage.training(NUM_STORED) as (workspace, _), stage.open(workspace) as terminal:
        settle(terminal)
        yield _result("cursor key in view", _times(terminal, _in_view))
        yield _result("cursor key, every second one scrolls a page", _times(terminal, _scrolling))
        yield _result("holding ↓ down", _times(terminal, lambda _: DOWN, pause_s=0.033))
        yield _result("typing in the filter", _filter_times(terminal))


def _in_view(index: int) -> bytes:
    return DOWN if index // 8 % 2 == 0 else UP


def _scrolling(index: int) -> bytes:
    return PAGE_DOWN if index % 2 == 0 else DOWN


def _times(
    terminal: WatchedTerminal, key_of: Callable[[int], bytes], pause_s: float = PAUSE_S
) -> list[float]:
    """Return the milliseconds from each key to the screen with the cursor elsewhere."""
    times = []
    for index in range(NUM_KEYS):
        terminal.take_for(pause_s)
        terminal.parse()
        has_moved = partial(_is_elsewhere, cursor_place(list(terminal.screen.display)))
        times.append(answer_ms(terminal, terminal.press(key_of(index)), has_moved))
    return times


def _is_elsewhere(before: tuple[int, str], lines: list[str]) -> bool:
    return cursor_place(lines) != before


def _filter_times(terminal: WatchedTerminal) -> list[float]:
    """Return the milliseconds from each letter in the filter to the screen that shows it."""
    times = []
    for _ in range(NUM_FILTERS):
        terminal.press(b"/")
        settle(terminal)
        for end in range(1, len(FILTER) + 1):
            pressed_at = terminal.press(FILTER[end - 1].encode())
            times.append(answer_ms(terminal, pressed_at, partial(_is_typed, FILTER[:end])))
            terminal.take_for(PAUSE_S)
        terminal.press(b"\x1b")
        settle(terminal)
        terminal.press(b"\x1b")
        settle(terminal)
    return times


def _is_typed(text: str, lines: list[str]) -> bool:
    return any(text in line for line in lines[-3:])


def answer_ms(
    terminal: WatchedTerminal, pressed_at: float, is_answered: Callable[[list[str]], bool]
) -> float:
    """Return the milliseconds until a frame meets the condition."""
    deadline = pressed_at + TIMEOUT_S
    while time.perf_counter() < deadline:
        terminal.take(0.02, TIMEOUT_S)
        for met_at, is_met in terminal.replay(is_answered):
            if is_met:
                return 1000 * (met_at - pressed_at)
    raise AssertionError("no answer:\n" + "\n".join(terminal.screen.display))


def cursor_line(lines: list[str]) -> str:
    """Return the line of the table with the cursor."""
    return next((line for line in lines if line.startswith(CURSOR)), "")


def cursor_place(lines: list[str]) -> tuple[int, str]:
    """Return the row of the screen that the cursor is in, and the session there."""
    line = cursor_line(lines)
    return (lines.index(line) if line else -1), line[:NAME_END]


def _result(what: str, times: list[float]) -> Result:
    middle, high = percentile(times, 0.5), percentile(times, 0.95)
    return Result(
        f"{what}, 5 running, {NUM_STORED:,} stored",
        f"p50 {middle:.1f} ms, p95 {high:.1f} ms",
        f"p95 ≤ {LIMIT_MS:.0f} ms",
        high <= LIMIT_MS,
    )
