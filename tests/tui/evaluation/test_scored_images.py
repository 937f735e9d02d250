"""Selections of scored images and their order."""

from __future__ import annotations

from mnist_tui.tui.evaluation.scored_images import (
    all_in_order,
    disagreements,
    drawn_at_random,
    in_cell,
    moved,
    wrong,
)
from tests.tui.evaluations import scored_of

MODEL = scored_of((4, 9, 0.6), (4, 4, 0.9), (4, 9, 0.8), (7, 1, 0.7), (9, 9, 0.5))
OTHER = scored_of((4, 4, 0.9), (4, 4, 0.9), (4, 9, 0.5), (7, 2, 0.9), (9, 9, 0.5))


def test_confusion_counts_true_rows_and_predicted_columns() -> None:
    assert MODEL.confusion[4][9] == 2
    assert MODEL.confusion[9][4] == 0
    assert MODEL.confusion[7][1] == 1
    assert sum(map(sum, MODEL.confusion)) == 5


def test_images_of_a_cell_come_most_confident_first() -> None:
    assert in_cell(MODEL, 4, 9).tolist() == [2, 0]
    assert in_cell(MODEL, 9, 4).tolist() == []


def test_everything_wrong_comes_most_confident_first() -> None:
    assert wrong(MODEL).tolist() == [2, 3, 0]
    assert all_in_order(MODEL, only_wrong=True).tolist() == [0, 2, 3]


def test_a_seed_draws_the_same_images_and_another_one_others() -> None:
    many = scored_of(*[(each % 10, each % 7, 0.5) for each in range(500)])
    first = drawn_at_random(many, 0, 24, only_wrong=False).tolist()
    assert first == drawn_at_random(many, 0, 24, only_wrong=False).tolist()
    assert first != drawn_at_random(many, 1, 24, only_wrong=False).tolist()
    assert len(set(first)) == 24
    assert not many.is_right[drawn_at_random(many, 0, 24, only_wrong=True)].any()
    assert len(drawn_at_random(MODEL, 0, 24, only_wrong=False)) == 5


def test_two_models_disagree_where_their_classes_differ_surest_first() -> None:
    assert disagreements(MODEL, OTHER).tolist() == [3, 0]
    assert disagreements(MODEL, MODEL).tolist() == []
    unsure = scored_of((4, 4, 0.9), (4, 4, 0.9), (4, 9, 0.5), (7, 2, 0.3), (9, 9, 0.5))
    assert disagreements(MODEL, unsure).tolist() == [0, 3]


def test_a_cell_of_the_difference_holds_what_one_of_the_two_alone_puts_there() -> None:
    assert moved(MODEL, OTHER, 4, 9).tolist() == [0]
    assert moved(MODEL, OTHER, 7, 2).tolist() == [3]
    assert moved(MODEL, OTHER, 7, 7).tolist() == []
    assert moved(MODEL, OTHER, 4, 1).tolist() == []


def test_models_can_only_be_compared_on_the_same_images() -> None:
    assert MODEL.has_images_of(OTHER)
    assert not MODEL.has_images_of(scored_of((4, 4, 0.9)))
    assert not MODEL.has_images_of(scored_of(*[(4, 4, 0.9)] * 5, first_image=1))
