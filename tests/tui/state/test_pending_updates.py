from __future__ import annotations

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.tui.state.board import Board
from mnist_tui.tui.state.pending_updates import PendingUpdates
from tests.tui.samples import make_record


def inbox_of(*ids: int) -> tuple[PendingUpdates, Board]:
    board = Board()
    board.replace([make_record(session_id) for session_id in ids])
    return PendingUpdates(board), board


def test_a_new_state_is_shown_at_once_and_figures_at_the_next_refresh() -> None:
    inbox, board = inbox_of(1)
    assert not inbox.take(SessionChanged(record=make_record(1, step=40)))
    assert not inbox.take(SessionChanged(record=make_record(1, step=50)))
    assert board.records[1].progress.position.step == 34
    assert inbox.settle().ids == {1}
    assert board.records[1].progress.position.step == 50
    assert not inbox.settle()
    paused = make_record(1, SessionState.PAUSED, step=60)
    assert inbox.take(SessionChanged(record=paused)).is_state_new
    assert board.records[1] is paused


def test_figures_older_than_a_state_do_not_come_after_it() -> None:
    inbox, board = inbox_of(1)
    inbox.take(SessionChanged(record=make_record(1, step=40)))
    inbox.take(SessionChanged(record=make_record(1, SessionState.PAUSED, step=41)))
    assert not inbox.settle()
    assert board.records[1].state is SessionState.PAUSED


def test_figures_of_a_removed_session_do_not_bring_it_back() -> None:
    inbox, board = inbox_of(1, 2)
    inbox.take(SessionChanged(record=make_record(1, step=40)))
    inbox.take(SessionRemoved(session_id=1))
    inbox.settle()
    assert board.order == [2]


def test_a_frozen_picture_changes_nothing_until_it_thaws() -> None:
    inbox, board = inbox_of(1, 2)
    inbox.is_frozen = True
    assert not inbox.take(SessionChanged(record=make_record(1, SessionState.PAUSED)))
    assert not inbox.take(SessionChanged(record=make_record(1, SessionState.STOPPED)))
    assert not inbox.take(SessionRemoved(session_id=2))
    assert not inbox.take(SessionChanged(record=make_record(3)))
    assert not inbox.settle()
    assert (board.order, board.records[1].state) == ([2, 1], SessionState.RUNNING)
    assert inbox.thaw().ids == {1, 2, 3}
    assert (board.order, board.records[1].state) == ([3, 1], SessionState.STOPPED)
    assert inbox.take(SessionRemoved(session_id=3))
