"""The confusion matrix as lines: 80×24, more classes than fit, differences."""

from __future__ import annotations

import pytest

from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.tui.evaluation.confusion_matrix import (
    ConfusionView,
    largest_cells,
    layout_of,
    matrix_lines,
    window_of,
)
from mnist_tui.tui.text.styled_lines import text_of
from tests.tui.evaluations import DIGITS

NUM_BALANCED = 47
CLOTHES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip


def matrix_of(classes: tuple[str, ...], right: int = 967) -> ConfusionView:
    size = range(len(classes))
    counts = [[right if true == each else (true + each) % 3 for each in size] for true in size]
    counts[4][9] = 11
    return ConfusionView(classes, counts, class_scores(counts))


def drawn(matrix: ConfusionView, width: int, height: int, cell: tuple[int, int]) -> list[str]:
    layout = layout_of(matrix, width)
    window = window_of(matrix, layout, height, cell, (0, 0))
    return text_of(matrix_lines(matrix, layout, window, cell)).splitlines()


@pytest.mark.parametrize("classes", [DIGITS, CLOTHES], ids=["digits", "clothes"])
def test_ten_classes_fit_into_80_columns_with_how_each_class_does(
    classes: tuple[str, ...],
) -> None:
    lines = drawn(matrix_of(classes, right=1_131), 79, 14, (4, 9))
    assert max(map(len, lines)) <= 79
    assert len(lines) == 13
    assert "▐  11▌" in lines[6]
    assert lines[2].split()[1] == "1131"
    assert "recall" in lines[1]


def test_the_chosen_cell_is_framed_in_its_place_and_zeros_are_dots() -> None:
    lines = drawn(matrix_of(DIGITS), 79, 14, (0, 0))
    assert lines[2].startswith("0     ▐967▌")
    assert lines[2].split()[2:6] == ["1", "2", "·", "1"]
    assert lines[-1].startswith("sum")
    assert lines[-1].split()[1] == str(967 + sum((each % 3) for each in range(1, 10)))


@pytest.mark.parametrize("cell", [(0, 0), (46, 46), (23, 40)])
def test_more_classes_than_fit_are_walked_with_the_cell_in_sight(cell: tuple[int, int]) -> None:
    names = tuple(f"c{each}" for each in range(NUM_BALANCED))
    lines = drawn(matrix_of(names), 79, 16, cell)
    assert max(map(len, lines)) <= 79
    assert len(lines) == 16
    row = next(line for line in lines[2:-1] if line.split()[0].strip("▐") == f"c{cell[0]}")
    assert "▐" in row
    assert "of 47" in lines[0]


def test_a_window_moves_as_little_as_can_be() -> None:
    matrix = matrix_of(tuple(map(str, range(NUM_BALANCED))))
    layout = layout_of(matrix, 79)
    assert window_of(matrix, layout, 13, (20, 3), (15, 0)).first_row == 15
    assert window_of(matrix, layout, 13, (25, 3), (15, 0)).first_row == 16
    assert window_of(matrix, layout, 13, (2, 3), (15, 0)).first_row == 2


def test_differences_have_signs_and_no_scores() -> None:
    differences = ConfusionView(DIGITS, [[0] * 9 + [-12]] + [[3] + [0] * 9] * 9, is_difference=True)
    lines = drawn(differences, 79, 14, (5, 5))
    assert lines[2].rstrip().endswith("−12")
    assert lines[3].split()[1] == "+3"
    assert "recall" not in lines[1]


def test_where_to_look_first_is_where_most_mistakes_are() -> None:
    matrix = matrix_of(DIGITS)
    assert largest_cells(matrix.counts, 1) == [(4, 9)]
    assert largest_cells([[0, -5], [2, 0]], 2) == [(0, 1), (1, 0)]


def test_a_class_without_images_or_predictions_has_no_scores() -> None:
    counts = [[5, 0], [0, 0]]
    lines = drawn(ConfusionView(("a", "b"), counts, class_scores(counts)), 79, 10, (0, 0))
    assert lines[3].split()[-4:] == ["–", "–", "–", "0"]
