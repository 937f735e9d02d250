"""Counts of sessions that are kept up: always what counting would say."""

from __future__ import annotations

from random import Random

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.state.board import Board, StateCounts
from tests.tui.samples import make_record


def test_counts_and_going_on_are_what_counting_would_say_whatever_happens() -> None:
    random, board = Random(1), Board()
    board.replace(make_record(number) for number in range(5))
    for _ in range(500):
        number = random.randrange(12)
        if random.random() < 0.2:
            board.apply(SessionRemoved(session_id=number))
        else:
            state = random.choice(list(SessionState))
            is_held = state is SessionState.QUEUED and random.random() < 0.5
            record = make_record(number, state=state, is_held=is_held)
            board.apply(SessionChanged(record=record))
        records = board.records.values()
        assert board.counts() == StateCounts(records).counts
        assert sum(board.counts().values()) == len(records)
        going_on = {record.id for record in board.going_on()}
        assert going_on == {record.id for record in records if record.state not in ENDED}


def test_groups_without_a_session_are_not_counted() -> None:
    board = Board()
    board.replace([make_record(1, state=SessionState.RUNNING)])
    board.apply(SessionChanged(record=make_record(1, state=SessionState.FINISHED)))
    assert dict(board.counts()) == {"finished": 1}
