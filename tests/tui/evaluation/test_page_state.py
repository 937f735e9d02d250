"""Effects of keys on the state of pages of scored images."""

from __future__ import annotations

from mnist_tui.tui.evaluation.page_state import PageKind, PageState

MATRIX = PageState(PageKind.MATRIX, cell=(4, 9))
PREDICTIONS = PageState(PageKind.PREDICTIONS)


def test_arrows_walk_over_cells_of_the_matrix_and_over_rows_of_images() -> None:
    assert MATRIX.walk(-1, 1, 5).cell == (5, 8)
    assert PageState(PageKind.MATRIX, cell=(0, 0)).walk(-1, -1, 5).cell == (0, 0)
    assert PREDICTIONS.walk(1, 1, 5).place == 6
    assert PREDICTIONS.walk(-1, 0, 5).place == 0


def test_enter_shows_the_images_of_a_cell_and_back_leads_all_the_way_out() -> None:
    difference = MATRIX.compare_with(3)
    inside = PageState(PageKind.MATRIX, cell=(1, 1), other_id=3).walk(1, 0, 1).enter()
    assert (inside.kind, inside.cell, inside.other_id) == (PageKind.CELL, (1, 2), 3)
    outside = inside.back()
    assert outside is not None
    assert outside.kind is PageKind.MATRIX
    plain = difference.back()
    assert plain is not None
    assert plain.other_id is None
    assert plain.back() is None
    assert PREDICTIONS.back() is None


def test_only_wrong_and_other_images_begin_at_the_first_one() -> None:
    later = PREDICTIONS.walk(7, 0, 5)
    assert later.show_only() == PageState(PageKind.PREDICTIONS, only_wrong=True)
    assert later.show_only().show_only().only_wrong is False
    assert later.draw_others() == PageState(PageKind.PREDICTIONS, seed=1)
    assert MATRIX.draw_others() == MATRIX


def test_all_mistakes_of_the_matrix_are_one_key_there_and_back() -> None:
    assert MATRIX.show_only().kind is PageKind.ALL
    assert MATRIX.show_only().show_only() == MATRIX


def test_first_and_last_are_brought_within_the_edge_by_drawing() -> None:
    assert MATRIX.go_to_end(0).cell == (0, 0)
    assert PREDICTIONS.go_to_end(1).place > 1_000_000
