"""What the keys do on the pages of scored images."""

from __future__ import annotations

from mnist_tui.tui.evaluation.page_state import (
    PageKind,
    PageState,
    back,
    compare_with,
    draw_others,
    enter,
    go_to_end,
    show_only,
    walk,
)

MATRIX = PageState(PageKind.MATRIX, cell=(4, 9))
PREDICTIONS = PageState(PageKind.PREDICTIONS)


def test_arrows_walk_over_cells_of_the_matrix_and_over_rows_of_images() -> None:
    assert walk(MATRIX, -1, 1, 5).cell == (5, 8)
    assert walk(PageState(PageKind.MATRIX, cell=(0, 0)), -1, -1, 5).cell == (0, 0)
    assert walk(PREDICTIONS, 1, 1, 5).place == 6
    assert walk(PREDICTIONS, -1, 0, 5).place == 0


def test_enter_shows_the_images_of_a_cell_and_back_leads_all_the_way_out() -> None:
    difference = compare_with(MATRIX, 3)
    inside = enter(walk(PageState(PageKind.MATRIX, cell=(1, 1), other_id=3), 1, 0, 1))
    assert (inside.scene, inside.cell, inside.other_id) == (PageKind.CELL, (1, 2), 3)
    outside = back(inside)
    assert outside is not None
    assert outside.scene is PageKind.MATRIX
    plain = back(difference)
    assert plain is not None
    assert plain.other_id is None
    assert back(plain) is None
    assert back(PREDICTIONS) is None


def test_only_wrong_and_other_images_begin_at_the_first_one() -> None:
    later = walk(PREDICTIONS, 7, 0, 5)
    assert show_only(later) == PageState(PageKind.PREDICTIONS, only_wrong=True)
    assert show_only(show_only(later)).only_wrong is False
    assert draw_others(later) == PageState(PageKind.PREDICTIONS, seed=1)
    assert draw_others(MATRIX) == MATRIX


def test_all_mistakes_of_the_matrix_are_one_key_there_and_back() -> None:
    assert show_only(MATRIX).scene is PageKind.ALL
    assert show_only(show_only(MATRIX)) == MATRIX


def test_first_and_last_are_brought_within_the_edge_by_drawing() -> None:
    assert go_to_end(MATRIX, 0).cell == (0, 0)
    assert go_to_end(PREDICTIONS, 1).place > 1_000_000
