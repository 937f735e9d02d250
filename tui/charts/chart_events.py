"""Events of a session, marked on its charts: breaks, checkpoints and jumps of the learning rate.

Pure functions of the history, the manifests of checkpoints and the metric rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.active_time import state_changes
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mnist_tui.storage.history import HistoryEntry
    from mnist_tui.storage.metrics.metric_columns import Columns
    from mnist_tui.storage.records import CheckpointInfo

RESTING: dict[SessionState, Trigger | None] = {
    SessionState.PAUSED: Trigger.PAUSE,
    SessionState.STOPPED: Trigger.STOP,
    SessionState.KILLED: Trigger.KILL,
    SessionState.FAILED: None,
    SessionState.INTERRUPTED: None,
    SessionState.FINISHED: None,
}
"""States in which no training happens, with the command that leads to each."""

_BACK = "↺"
_FASTER, _SLOWER = "↗", "↘"
_SAVED, _BEST_SAVED, _NAMED = "▪", "★", "▣"
MAX_NAME = 20


@dataclass(frozen=True)
class ChartEvent:
    """One event and its position on each of the axes."""

    step: float
    """Optimiser steps done."""
    time: float
    """Unix seconds."""
    glyph: str
    word: str
    tone: str
    is_quiet: bool = False
    """True if a mark on the axis is enough."""

    @property
    def text(self) -> str:
        """The glyph and the word."""
        return f"{self.glyph} {self.word}"


def chart_events(
    entries: Sequence[HistoryEntry], infos: Sequence[CheckpointInfo], train: Columns
) -> list[ChartEvent]:
    """Return all events of a session, ordered by step.

    Args:
        entries: The history, oldest first.
        infos: The manifests of the checkpoints.
        train: The metric rows of training.
    """
    events = [
        *break_events(entries, train),
        *learning_rate_events(train),
        *checkpoint_events(infos),
    ]
    return sorted(events, key=lambda event: event.step)


def break_events(entries: Iterable[HistoryEntry], train: Columns) -> Iterator[ChartEvent]:
    """Yield pauses, stops, kills, failures and interruptions, and resumptions.

    A break after which training went on at the same step is one event. If it went back to a
    checkpoint, the step it had reached and the step it resumed from are two.
    """
    commands: dict[int, str] = {}
    done_steps: dict[str, int] = {}
    is_running = False
    left_at: float | None = None
    rest: tuple[SessionState, float, float] | None = None
    for entry in entries:
        if entry.event == "requested":
            commands[entry.number] = entry.command
        elif entry.event == "done" and entry.step is not None:
            done_steps[commands.get(entry.number, "")] = entry.step
        for time, state in state_changes([entry]):
            if state is SessionState.RUNNING:
                if rest is not None:
                    yield from _break(*rest, time, _return_step(rest, done_steps, time, train))
                is_running, left_at, rest = True, None, None
                done_steps.clear()
                continue
            if is_running or (left_at is None and state in RESTING):
                is_running, left_at = False, time
            if state in RESTING and left_at is not None:
                command = RESTING[state]
                reported_step = done_steps.get(command.value) if command else None
                step = _step_at(train, left_at) if reported_step is None else float(reported_step)
                rest = state, left_at, step
    if rest is not None and rest[0] is not SessionState.FINISHED:
        yield _rest_event(*rest, "")


def learning_rate_events(train: Columns) -> Iterator[ChartEvent]:
    """Yield the jumps between two constant learning rates.

    A schedule that changes the rate at every step has none.
    """
    rates = train.learning_rate
    if len(rates) < 4:
        return
    is_same = rates[1:] == rates[:-1]
    jumps = np.flatnonzero(~is_same[1:-1] & is_same[:-2] & is_same[2:]) + 1
    for index in jumps.tolist():
        before, after = float(rates[index]), float(rates[index + 1])
        yield ChartEvent(
            float(train.step[index]),
            float(train.time[index]),
            _FASTER if after > before else _SLOWER,
            f"lr {before:g}→{after:g}",
            "busy",
        )


def checkpoint_events(infos: Iterable[CheckpointInfo]) -> Iterator[ChartEvent]:
    """Yield the checkpoints: named ones with their name, others as quiet marks on the axis."""
    for info in infos:
        glyph, word = (_BEST_SAVED, "best saved") if info.is_best else (_SAVED, "saved")
        if info.name:
            glyph, word = _NAMED, printable(info.name, MAX_NAME)
        step, time = float(info.position.step), _unix(info.created_at)
        yield ChartEvent(step, time, glyph, word, "quiet", is_quiet=not info.name)


def _return_step(
    rest: tuple[SessionState, float, float],
    done_steps: dict[str, int],
    time: float,
    train: Columns,
) -> float:
    state, _, step = rest
    if state is SessionState.PAUSED:
        return step
    reported_step = done_steps.get(Trigger.RESUME.value)
    return _step_at(train, time) if reported_step is None else float(reported_step)


def _break(
    state: SessionState, left_at: float, step: float, back_at: float, back_step: float
) -> Iterator[ChartEvent]:
    """Yield the events of a break that is over."""
    lasted = formatting.duration(back_at - left_at)
    if state is SessionState.FINISHED:
        yield ChartEvent(step, left_at, "+", "extended", "quiet")
    elif back_step == step:
        yield _rest_event(state, left_at, step, f" {lasted}")
    else:
        yield _rest_event(state, left_at, step, "")
        yield ChartEvent(back_step, back_at, _BACK, f"resumed after {lasted}", "quiet")


def _rest_event(state: SessionState, time: float, step: float, more: str) -> ChartEvent:
    look = formatting.STATE_LOOKS[state]
    return ChartEvent(step, time, look.glyph, f"{look.word}{more}", look.tone)


def _step_at(train: Columns, time: float) -> float:
    """Return the steps done at a moment according to the metric rows."""
    index = int(np.searchsorted(np.maximum.accumulate(train.time), time, side="right")) - 1
    return float(train.step[index]) if index >= 0 else 0.0


def _unix(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        return float("nan")
