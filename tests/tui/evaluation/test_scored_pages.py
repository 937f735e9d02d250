"""Pages of scored images as lines: pictures, words, bars, in every size and without colours."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.evaluation.page_state import PageKind, PageState, sentence_page
from mnist_tui.tui.evaluation.probability_bars import bar_lines
from mnist_tui.tui.terminal.image_half_blocks import Ink
from mnist_tui.tui.text.styled_lines import text_of
from tests.tui.evaluations import DIGITS, drawn_page, pictures, scored_of

if TYPE_CHECKING:
    from mnist_tui.tui.evaluation.scored_images import Scored

SIZES = [(59, 12), (79, 20), (79, 41), (119, 30), (159, 41), (219, 56)]
MODEL = scored_of((4, 9, 0.6), (4, 4, 0.9), (4, 9, 0.8), (7, 1, 0.7), *[(2, 2, 0.99)] * 30)
OTHER = scored_of((4, 4, 0.9), (4, 4, 0.9), (4, 9, 0.5), (7, 2, 0.9), *[(2, 2, 0.99)] * 30)
CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
           "boot")  # fmt: skip
ALL_KINDS = [PageState(kind, cell=(4, 9)) for kind in PageKind if kind is not PageKind.OUTLIERS]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("look", ALL_KINDS, ids=[str(each.kind) for each in ALL_KINDS])
@pytest.mark.parametrize("other", [None, OTHER], ids=["alone", "compared"])
@pytest.mark.parametrize("ink", Ink)
def test_every_page_fits_every_size(
    look: PageState, width: int, height: int, other: Scored | None, ink: Ink
) -> None:
    page = drawn_page(look, MODEL, width, height, ink=ink, other=other)
    lines = text_of(page.lines).splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    if ink is Ink.ASCII and not look.shows_matrix:
        assert "@@@@@@@@" in text_of(page.lines)


def test_predictions_say_right_or_wrong_by_glyph_word_and_colour() -> None:
    page = drawn_page(PageState(PageKind.PREDICTIONS), scored_of((4, 9, 0.6), (7, 7, 0.987)))
    text = text_of(page.lines)
    runs = {run for line in page.lines for run in line}
    assert {("✗ wrong", "bad"), ("✓ right", "good")} <= runs
    assert "4→9" in text
    assert "98 %" in text


def test_the_chosen_image_has_its_probabilities_as_bars_below() -> None:
    model = scored_of((4, 9, 0.6), (7, 7, 0.9), is_live=True, first_image=1_500)
    text = text_of(drawn_page(PageState(PageKind.PREDICTIONS, place=1), model).lines)
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[-10:]] == list(DIGITS)
    assert "image #1501" in text
    assert "89.99 % ◀ true" in lines[-3]
    assert lines[0].startswith("live, epoch 3: 1 of 2 right")


def test_a_place_beyond_the_last_image_is_the_last_one_in_sight() -> None:
    page = drawn_page(PageState(PageKind.PREDICTIONS, place=10**9), MODEL)
    assert page.state.place == 23
    assert "24 of 24" in text_of(page.lines)
    assert page.state.first_row == 23 // 5


def test_the_chosen_image_is_marked_in_its_place() -> None:
    lines = text_of(drawn_page(PageState(PageKind.PREDICTIONS, place=6), MODEL).lines).splitlines()
    assert {line.find("▌") for line in lines[1:9]} == {16}


def test_only_wrong_ones_are_shown_or_a_sentence_where_there_are_none() -> None:
    look = PageState(PageKind.PREDICTIONS).show_only()
    text = text_of(drawn_page(look, MODEL).lines)
    assert "✓ right" not in text
    assert "wrong ones only" in text
    flawless = text_of(drawn_page(look, scored_of((4, 4, 0.9))).lines)
    assert "None of these is taken for something else; o shows all." in flawless


def test_the_matrix_begins_where_most_mistakes_are_and_says_what_a_cell_means() -> None:
    page = drawn_page(PageState(PageKind.MATRIX), MODEL)
    assert page.state.cell == (4, 9)
    text = text_of(page.lines)
    assert "true 4, taken for 9: 2 images, 66.66 % of them" in text
    assert "most  4→9 2  7→1 1" in text
    right = drawn_page(PageState(PageKind.MATRIX, cell=(2, 2)), MODEL)
    assert "true 2, recognised: 30 images, 100.0 % of them" in text_of(right.lines)


def test_a_cell_beyond_the_edge_is_brought_back() -> None:
    assert drawn_page(PageState(PageKind.MATRIX, cell=(10**9, 3)), MODEL).state.cell == (9, 3)


def test_enter_shows_the_images_of_the_cell_with_confidence_and_number() -> None:
    look = drawn_page(PageState(PageKind.MATRIX), MODEL).state.enter()
    text = text_of(drawn_page(look, MODEL).lines)
    assert "true 4, taken for 9, most confident first: 2 images" in text
    assert text.index("80 %") < text.index("60 %")
    assert "#2" in text
    empty = text_of(drawn_page(replace(look, cell=(0, 1)), MODEL).lines)
    assert "There is no image in this cell" in empty


def test_wide_screens_show_images_of_the_cell_beside_the_matrix() -> None:
    wide = drawn_page(PageState(PageKind.MATRIX), MODEL, 159, 41)
    assert "✗ wrong" in text_of(wide.lines)
    assert "✗ wrong" not in text_of(drawn_page(PageState(PageKind.MATRIX), MODEL).lines)


def test_the_difference_counts_what_one_model_does_more_than_the_other() -> None:
    page = drawn_page(PageState(PageKind.MATRIX, other_id=7), MODEL, other=OTHER)
    text = text_of(page.lines)
    assert "31 right here − 32 in #7 = −1" in text
    assert "true 4, taken for 9: 2 here, 1 in #7, +1" in text
    row = next(line for line in text.splitlines() if line.startswith("4 "))
    assert row.split()[5] == "−1"


def test_images_on_which_two_models_disagree_show_both_predictions() -> None:
    look = PageState(PageKind.ALL, other_id=7)
    text = text_of(drawn_page(look, MODEL, other=OTHER).lines)
    assert "here and #7 disagree, surest first: 2 images" in text
    assert "✗ here 1" in text
    assert "✗ #7   2" in text
    assert "✓ #7   4" in text


def test_copied_text_and_exported_tables_match_the_page() -> None:
    matrix = drawn_page(PageState(PageKind.MATRIX), MODEL)
    assert matrix.text().startswith("epoch 3: 91.17 % of 34 right\n       predicted\ntrue ")
    assert [table.title for table in matrix.tables()] == ["confusion", "classes"]
    assert matrix.tables()[0].rows[4][10] == 2
    cell = drawn_page(PageState(PageKind.CELL, cell=(4, 9)), MODEL)
    assert cell.text().splitlines()[1:] == [
        "image #2: true 4, predicted 9 at 80.00 %, wrong",
        "image #0: true 4, predicted 9 at 60.00 %, wrong",
    ]
    (images,) = cell.tables()
    assert [row[:4] for row in images.rows] == [(2, "4", "9", False), (0, "4", "9", False)]
    assert images.names[4] == "p(0)"
    (drawn,) = drawn_page(PageState(PageKind.PREDICTIONS), MODEL).tables()
    assert len(drawn.rows) == 34, "all images, not the few in sight"
    differing = drawn_page(PageState(PageKind.ALL, other_id=7), MODEL, other=OTHER)
    assert "true 7, here 1 at 69.99 %, wrong, #7 2 at 89.99 %, wrong" in differing.text()
    (both,) = differing.tables()
    assert both.rows[0][:3] == (3, "7", "1")


def test_pixels_that_cannot_be_read_leave_all_words_in_place() -> None:
    trouble = "mnist is not on this machine."
    for look in ALL_KINDS:
        page = drawn_page(look, MODEL, 159, 41, read_pixels=lambda _: None, trouble=trouble)
        text = text_of(page.lines)
        assert "mnist is not on this machine." in text
        assert "no image" in text
    assert pictures(MODEL.images).shape == (34, 28, 28)


def test_with_many_classes_the_most_probable_and_the_true_one_are_shown() -> None:
    names = tuple(f"c{each}" for each in range(47))
    probabilities = [0.005] * 47
    probabilities[40], probabilities[3] = 0.5, 0.27
    lines = text_of(bar_lines(names, [probabilities], 12, 79, 6)).splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["c40", "c3"]
    assert "◀ true" in lines[4]
    assert lines[5].split()[:2] == ["42", "others"]
    assert len(lines) == 6


def test_names_of_classes_are_cut_to_the_width_of_an_image() -> None:
    model = scored_of((6, 0, 0.6), (7, 2, 0.99), classes=CLOTHES, first_image=60_000)
    text = text_of(drawn_page(PageState(PageKind.PREDICTIONS), model).lines)
    assert "shirt→T-shirt" in text
    assert "sneak…→pullov…" in text


def test_bars_of_two_models_never_run_into_the_words_beside_them() -> None:
    look = PageState(PageKind.ALL, other_id=7)
    for width in (*range(59, 100), 120):
        for height in (12, 13, 16):
            text = text_of(drawn_page(look, MODEL, width, height, other=OTHER).lines)
            assert not re.search(r"true\w", text), (width, height)


def test_a_sentence_takes_as_many_lines_as_it_needs() -> None:
    page = sentence_page("one " * 40, PageState(PageKind.MATRIX), 40)
    assert max(len(line) for line in text_of(page.lines).splitlines()) <= 40
    assert page.text().startswith("one one")


def test_answers_that_are_no_numbers_are_dashes() -> None:
    model = scored_of((4, 9, float("nan")), (7, 7, 0.9), is_live=True)
    page = text_of(drawn_page(PageState(PageKind.PREDICTIONS), model).lines)
    assert "– %" in page
    assert "█" not in "".join(page.splitlines()[-10:])
