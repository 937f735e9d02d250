from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.training.protocol.messages import SessionRemoved
from mnist_tui.tui.state.board import Board
from mnist_tui.tui.state.filters import parse_filter
from mnist_tui.tui.state.sort_order import Sort
from tests.tui.samples import make_record


def board_of(*records: SessionRecord) -> Board:
    board = Board()
    board.replace(records)
    return board


def pinned(record: SessionRecord) -> SessionRecord:
    return msgspec.structs.replace(record, is_pinned=True)


def test_accuracy_is_sorted_from_the_top_and_loss_from_the_bottom_absent_ones_last() -> None:
    board = board_of(
        make_record(1, val_accuracy=0.9, train_loss=0.3),
        make_record(2, val_accuracy=0.95, train_loss=0.1),
        make_record(3),
    )
    board.sort_by(Sort("val"))
    assert board.order == [2, 1, 3]
    board.sort_by(Sort("loss"))
    assert board.order == [2, 1, 3]
    board.sort_by(Sort("loss", is_reversed=True))
    assert board.order == [1, 2, 3]


def test_pinned_sessions_come_first_whatever_the_order() -> None:
    board = board_of(make_record(1), pinned(make_record(2)), make_record(3))
    assert board.order == [2, 3, 1]
    board.sort_by(Sort("id", is_reversed=True))
    assert board.order == [2, 1, 3]


def test_a_session_moves_when_what_it_is_sorted_by_changes() -> None:
    board = board_of(make_record(1, val_accuracy=0.9), make_record(2, val_accuracy=0.8))
    board.sort_by(Sort("val"))
    board.select(1)
    change = board.put(make_record(2, val_accuracy=0.99))
    assert (board.order, change.is_order_new, board.selected_id) == ([2, 1], True, 1)
    assert not board.put(make_record(2, val_accuracy=0.99, step=50)).is_order_new


def test_a_session_comes_and_goes_as_the_filter_says() -> None:
    board = board_of(make_record(1), make_record(2, SessionState.PAUSED))
    board.filter_by(parse_filter("state:running"))
    assert (board.order, board.selected_id, board.is_filtered) == ([1], 1, True)
    board.put(make_record(2))
    assert board.order == [2, 1]
    board.put(make_record(1, SessionState.FINISHED))
    assert (board.order, board.selected_id) == ([2], 2)
    board.filter_by(None)
    assert board.order == [2, 1]


def test_the_cursor_follows_the_newest_session_only_where_that_was_asked_for() -> None:
    board = board_of(make_record(1))
    board.put(make_record(2))
    assert board.selected_id == 1
    board.follows_newest = True
    board.put(make_record(3))
    assert board.selected_id == 3


def test_actions_are_about_the_marked_sessions_or_else_the_selected_one() -> None:
    board = board_of(make_record(1), make_record(2), make_record(3))
    board.select(2)
    assert [record.id for record in board.targets()] == [2]
    board.toggle_mark(1)
    board.toggle_mark(3)
    assert [record.id for record in board.targets()] == [3, 1]
    board.toggle_mark(3)
    assert [record.id for record in board.targets()] == [1]
    board.apply(SessionRemoved(session_id=1))
    assert [record.id for record in board.targets()] == [2]
    board.toggle_mark(3)
    board.replace([make_record(2)])
    assert board.marks == set()


@given(
    st.lists(
        st.tuples(
            st.integers(1, 8), st.sampled_from([None, 0.1, 0.5, 0.9]), st.booleans(),
            st.sampled_from([SessionState.RUNNING, SessionState.FINISHED]),
        ),
        max_size=30,
    ),
    st.sampled_from(["id", "val", "name"]),
)  # fmt: skip
def test_however_sessions_change_the_listing_is_that_of_a_fresh_board(
    steps: list[tuple[int, float | None, bool, SessionState]], name: str
) -> None:
    followed, matches = Board(), parse_filter("state:running")
    followed.sort_by(Sort(name))
    followed.filter_by(matches)
    for session_id, accuracy, is_pinned, state in steps:
        record = make_record(session_id, state, val_accuracy=accuracy)
        followed.put(msgspec.structs.replace(record, is_pinned=is_pinned))
        assert followed.selected_id in [*followed.order, *([] if followed.order else [None])]
    fresh = Board()
    fresh.sort_by(Sort(name))
    fresh.filter_by(matches)
    fresh.replace(followed.records.values())
    assert followed.order == fresh.order
    assert [followed.row_of(each) for each in followed.order] == list(range(len(fresh.order)))
