from __future__ import annotations

import msgspec

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.tui.app.app import exit_message
from mnist_tui.tui.state.board import Board
from tests.tui.samples import make_record


def board_of(*ids: int) -> Board:
    board = Board()
    board.replace([make_record(session_id) for session_id in ids])
    return board


def test_the_newest_session_is_first() -> None:
    assert board_of(2, 7, 4).order == [7, 4, 2]


def test_the_cursor_stays_on_its_session_when_others_come_and_go() -> None:
    board = board_of(1, 2, 3)
    board.select(2)
    board.apply(SessionChanged(record=make_record(9)))
    assert (board.selected_id, board.cursor) == (2, 2)
    board.apply(SessionRemoved(session_id=3))
    assert (board.selected_id, board.cursor) == (2, 1)
    board.replace([make_record(session_id) for session_id in (1, 2, 20, 30, 40)])
    assert (board.selected_id, board.cursor) == (2, 3)


def test_the_cursor_goes_to_the_neighbour_when_its_session_goes() -> None:
    board = board_of(1, 2, 3)
    board.select(2)
    board.apply(SessionRemoved(session_id=2))
    assert board.selected_id == 1
    board.apply(SessionRemoved(session_id=1))
    assert board.selected_id == 3
    board.apply(SessionRemoved(session_id=3))
    assert board.selected is None


def test_new_figures_are_told_from_a_new_state() -> None:
    board = board_of(1)
    record = make_record(1, step=99)
    change = board.apply(SessionChanged(record=record))
    assert (set(change.ids), change.is_order_new, change.is_state_new) == ({1}, False, False)
    paused = msgspec.structs.replace(record, state=SessionState.PAUSED)
    assert board.apply(SessionChanged(record=paused)).is_state_new
    held = msgspec.structs.replace(paused, is_held=True)
    assert board.apply(SessionChanged(record=held)).is_state_new


def test_removing_an_unknown_session_changes_nothing() -> None:
    assert not board_of(1).apply(SessionRemoved(session_id=5))


def test_changes_add_up() -> None:
    board = board_of(1)
    change = board.apply(SessionChanged(record=make_record(1, step=50)))
    change |= board.apply(SessionChanged(record=make_record(2)))
    assert change.ids == {1, 2}
    assert change.is_order_new


def test_sessions_are_counted_by_what_they_do() -> None:
    board = Board()
    states = [SessionState.RUNNING, SessionState.STARTING, SessionState.QUEUED, SessionState.FAILED]
    board.replace([make_record(place, state) for place, state in enumerate(states, start=1)])
    assert board.counts() == {"running": 2, "queued": 1, "failed": 1}


def test_a_held_session_is_not_among_those_that_go_on() -> None:
    board = Board()
    board.replace([make_record(1, SessionState.QUEUED, is_held=True)])
    assert board.counts() == {"held": 1}
    assert exit_message(board.counts()) == ""
