"""The order of the queue: moves by any number of places, however often, keep it whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.training.sessions.progress import batches_per_s, waiting_for
from mnist_tui.training.sessions.queue import (
    moved_key,
    next_to_start,
    order_key,
    ordinal,
    queue_places,
)


def record(session_id: int, **fields: Any) -> SessionRecord:
    defaults = {
        "name": f"s{session_id}",
        "parameters": {"epochs": 1, "batch_size": 64},
        "created_at": "2026-01-01T00:00:00.000Z",
        "queued_at": "2026-01-01T00:00:00.123Z",
    }
    return SessionRecord(id=session_id, **{**defaults, **fields})


def order(records: list[SessionRecord]) -> list[int]:
    return list(queue_places(records))


def move(records: list[SessionRecord], session_id: int, places: int) -> list[SessionRecord]:
    key = moved_key(records, session_id, places)
    if key is None:
        return records
    return [replace(each, queue_key=key) if each.id == session_id else each for each in records]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(-7, 7)), max_size=60))
def test_moves_do_to_the_queue_what_they_do_to_a_list(moves: list[tuple[int, int]]) -> None:
    records = [record(number) for number in range(1, 7)]
    expected = [1, 2, 3, 4, 5, 6]
    for session_id, places in moves:
        records = move(records, session_id, places)
        place = expected.index(session_id)
        expected.remove(session_id)
        expected.insert(min(max(place + places, 0), len(expected)), session_id)
        assert order(records) == expected
    assert len({order_key(each) for each in records}) == len(records)


def test_two_sessions_that_trade_places_three_hundred_times_stay_apart() -> None:
    records = [record(number) for number in range(1, 5)]
    for _ in range(150):
        records = move(records, 3, -1)
        assert order(records) == [1, 3, 2, 4]
        records = move(records, 2, -1)
        assert order(records) == [1, 2, 3, 4]


def test_whoever_is_queued_later_waits_behind_one_that_was_moved_last() -> None:
    records = move([record(1), record(2)], 1, 5)
    newcomer = record(3, queued_at="2026-01-01T00:00:00.124Z")
    assert order([*records, newcomer]) == [2, 1, 3]


def test_the_first_of_the_queue_starts_next() -> None:
    records = move([record(1), record(2), record(3)], 3, -2)
    chosen = next_to_start(records, slots=1)
    assert chosen is not None
    assert chosen.id == 3


def test_held_and_started_sessions_have_no_place() -> None:
    running = record(1, state=SessionState.RUNNING)
    held = record(2, is_held=True)
    assert queue_places([running, held, record(3)]) == {3: 1}


@pytest.mark.parametrize("queued_at", [None, "", "soon", "\x1b[2J", "²³", "٢٠٢٦", "9" * 500])
def test_a_session_that_was_queued_nobody_knows_when_can_be_moved(queued_at: str | None) -> None:
    records = [record(1), record(2, queued_at=queued_at), record(3)]
    for session_id in (1, 2, 3):
        assert order(move(records, session_id, -5))[0] == session_id
        assert order(move(records, session_id, 5))[-1] == session_id


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (102, "102nd"), (111, "111th")],
)  # fmt: skip
def test_places_are_told_as_people_say_them(number: int, text: str) -> None:
    assert ordinal(number) == text


def test_a_waiting_session_says_its_place() -> None:
    waits = record(1, cause="waits for a free slot")
    assert waiting_for(waits, 2) == "waits for a free slot, 2nd in the queue"
    assert waiting_for(waits) == "waits for a free slot"
    assert waiting_for(record(1, is_held=True), 2) == "held"
    failed = record(1, state=SessionState.FAILED, cause="disk full")
    assert waiting_for(failed, 2) == "disk full"


def test_batches_per_second_follow_from_images_and_batch_size() -> None:
    fast = record(1)
    assert batches_per_s(fast) is None
    fast = replace(fast, progress=replace(fast.progress, images_per_s=6_400.0))
    assert batches_per_s(fast) == 100.0
