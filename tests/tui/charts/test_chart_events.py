from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.history import HistoryEntry
from mnist_tui.tui.charts.chart_events import (
    break_events,
    chart_events,
    checkpoint_events,
    learning_rate_events,
)
from tests.tui.chart_samples import NO_COLUMNS, START, checkpoint, columns_of, falling

if TYPE_CHECKING:
    from mnist_tui.storage.history import HistoryEvent

TRAIN = columns_of(range(1, 51), falling)
"""One row a second: step 20 was done 20 s after the start."""


def at(
    second: int, event: HistoryEvent = "changed", text: str = "", **fields: object
) -> HistoryEntry:
    time = f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}.000Z"
    return HistoryEntry(event=event, time=time, text=text, **fields)  # type: ignore[arg-type]


STARTED = [at(0, text="queued", command="new"), at(0, text="starting"), at(0, text="running")]


def told(entries: list[HistoryEntry]) -> list[tuple[float, str]]:
    return [(event.step, event.text) for event in break_events(entries, TRAIN)]


def test_a_pause_is_one_event_that_says_how_long_it_was() -> None:
    entries = [
        *STARTED,
        at(20, "requested", number=1, command="pause", by="cli"),
        at(20, text="pausing"),
        at(20, "done", number=1, step=21),
        at(20, text="paused"),
        at(85, "requested", number=2, command="resume", by="cli"),
        at(85, text="running"),
        at(85, "done", number=2, step=21),
    ]
    assert told(entries) == [(21, "‖ paused 1m05")]
    assert told(entries[:-3]) == [(21, "‖ paused")]


def test_a_kill_that_lost_steps_marks_where_it_was_and_where_it_went_on() -> None:
    entries = [
        *STARTED,
        at(30, "requested", number=1, command="kill", by="cli"),
        at(30, text="killing"),
        at(31, "done", number=1, step=30),
        at(31, text="killed"),
        at(40, "requested", number=2, command="resume", by="cli"),
        at(40, text="queued: waits for a free slot"),
        at(40, text="starting"),
        at(41, "done", number=2, step=25),
        at(41, text="running"),
    ]
    assert told(entries) == [(30, "× killed"), (25, "↺ resumed after 11s")]


def test_a_stop_that_lost_nothing_is_one_event() -> None:
    entries = [
        *STARTED,
        at(12, "requested", number=1, command="stop", by="tui"),
        at(12, text="stopping"),
        at(13, "done", number=1, step=12),
        at(13, text="stopped"),
        at(20, "requested", number=2, command="resume", by="tui"),
        at(20, text="queued"),
        at(21, "done", number=2, step=12),
        at(21, text="running"),
    ]
    assert told(entries) == [(12, "■ stopped 9s")]


def test_an_interruption_lies_where_the_rows_say_that_training_was() -> None:
    entries = [
        *STARTED,
        at(33, text="interrupted: supervisor restarted"),
        at(33, text="queued: waits for a free slot"),
        at(33, text="running"),
    ]
    assert told(entries) == [(33, "! interrupted 0s")]


def test_a_failure_is_marked_and_a_finish_is_not() -> None:
    assert told([*STARTED, at(44, text="failed: loss became NaN")]) == [(44, "✗ failed")]
    assert told([*STARTED, at(50, text="finished")]) == []


def test_a_finished_session_that_trains_on_was_extended() -> None:
    entries = [*STARTED, at(45, text="finished"), at(49, text="queued"), at(49, text="running")]
    assert told(entries) == [(45, "+ extended")]


def test_waiting_for_the_first_batch_is_no_part_of_a_break() -> None:
    entries = [
        at(0, text="queued", command="new"),
        at(10, text="starting"),
        at(20, "requested", number=1, command="stop", by="cli"),
        at(20, text="stopping"),
        at(20, "done", number=1, step=0),
        at(20, text="stopped"),
        at(25, text="queued"),
        at(25, text="running"),
    ]
    assert [event.text for event in break_events(entries, NO_COLUMNS)] == ["■ stopped 5s"]


def test_what_was_refused_is_no_event() -> None:
    entries = [
        *STARTED,
        at(9, "requested", number=1, command="resume", by="cli"),
        at(9, "refused", number=1, text="it is running already"),
    ]
    assert told(entries) == []


def test_a_history_without_rows_and_with_a_damaged_time_is_no_obstacle() -> None:
    entries = [
        *STARTED,
        HistoryEntry(event="changed", time="yesterday", text="paused"),
        at(5, text="failed"),
    ]
    events = list(break_events(entries, NO_COLUMNS))
    assert [(event.step, event.word) for event in events] == [(0, "failed")]


@pytest.mark.parametrize(
    ("rates", "texts"),
    [
        ([0.001] * 6, []),
        ([0.001] * 3 + [0.0001] * 3, ["↘ lr 0.001→0.0001"]),
        ([0.1] * 2 + [0.2] * 2 + [0.05] * 2, ["↗ lr 0.1→0.2", "↘ lr 0.2→0.05"]),
        ([0.1, 0.09, 0.08, 0.07, 0.06, 0.05], []),
        ([0.1], []),
    ],
)  # fmt: skip
def test_jumps_of_the_learning_rate_are_events_and_smooth_schedules_have_none(
    rates: list[float], texts: list[str]
) -> None:
    train = columns_of(range(1, len(rates) + 1), falling, rates=rates)
    assert [event.text for event in learning_rate_events(train)] == texts


def test_a_jump_lies_at_the_last_row_before_it() -> None:
    train = columns_of([10, 20, 30, 40], falling, rates=[0.1, 0.1, 0.01, 0.01])
    (event,) = learning_rate_events(train)
    assert (event.step, event.time) == (20, START + 20)


def test_checkpoints_are_quiet_unless_a_person_named_them() -> None:
    plain, best, named = checkpoint_events(
        [checkpoint(10), checkpoint(20, is_best=True), checkpoint(30, name="before\x1b[2J lr")]
    )
    assert (plain.word, plain.is_quiet) == ("saved", True)
    assert (best.word, best.is_quiet) == ("best saved", True)
    assert (named.is_quiet, named.glyph) == (False, "▣")
    assert named.word.isprintable()


def test_events_of_all_kinds_come_in_the_order_of_their_steps() -> None:
    train = columns_of(range(1, 51), falling, rates=[0.1] * 15 + [0.01] * 35)
    events = chart_events([*STARTED, at(30, text="failed")], [checkpoint(20)], train)
    assert [event.word for event in events] == ["lr 0.1→0.01", "saved", "failed"]
