"""The page of outliers as lines: pictures, words, bars, in every size and without colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from mnist_tui.tui.evaluation.outlier_comparison import OutlierComparison, differs_in_seed_alone
from mnist_tui.tui.evaluation.page_state import PageKind, PageState
from mnist_tui.tui.terminal.image_half_blocks import Ink
from mnist_tui.tui.text.styled_lines import text_of
from tests.tui.outliers import comparison_of, drawn_outliers

LOOK = PageState(PageKind.OUTLIERS)
SIZES = [(59, 12), (79, 20), (79, 41), (119, 26), (159, 41), (219, 56)]
LONG = "\x1b[31m" + "日本語" * 30


def text(
    asked: OutlierComparison, look: PageState = LOOK, width: int = 79, height: int = 20
) -> str:
    return text_of(drawn_outliers(look, asked, width, height).lines)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("ink", Ink)
@pytest.mark.parametrize(
    "asked",
    [
        comparison_of(),
        comparison_of(has_passes=False),
        comparison_of((8, 2, 8), (8, 8, 8), num_tests=3),
        comparison_of(names=(LONG, "b", "c"), source=LONG, auroc_energy=None, auroc_softmax=None),
    ],
    ids=["dropout", "once", "seeds", "hostile"],
)
@pytest.mark.parametrize("only_wrong", [False, True])
def test_every_page_fits_every_size(
    asked: OutlierComparison, width: int, height: int, ink: Ink, only_wrong: bool
) -> None:
    look = replace(LOOK, only_wrong=only_wrong)
    lines = text_of(drawn_outliers(look, asked, width, height, ink).lines).splitlines()
    assert len(lines) <= height
    assert all(line.isprintable() for line in lines)
    assert max(map(cell_len, lines)) <= width


def test_each_image_is_drawn_with_its_class_and_probability_and_whether_it_stays() -> None:
    lines = text(comparison_of()).splitlines()
    title = "epoch 2: AUROC 0.9500 energy 0.9123 softmax, 3 signs that the program draws"
    assert lines[0] == title
    assert lines[2].startswith("▌▒▒▒▒▓▓▓▓")
    assert lines[8].split() == ["▌8", "55", "%", "0", "55", "%", "8", "55", "%"]
    assert lines[9].split() == ["▌A", "same", "E", "differ", "?", "same"]


def test_the_chosen_image_has_ten_bars_and_what_every_pass_answered() -> None:
    page = text(comparison_of(), replace(LOOK, place=1))
    bars = page.splitlines()[-10:]
    assert [line.split()[0] for line in bars] == list("0123456789")
    assert "█████" in bars[0]
    assert "55.00 %" in bars[0]
    assert "true" not in page, "there is none"
    runs = {run for line in drawn_outliers(LOOK, comparison_of()).lines for run in line}
    assert not any(role == "bad" for _, role in runs), "no class would be right"
    for said in ("E                 2 of 3", "predicted  0", "dropout  differ", "0 2 0", "2 of 3"):
        assert said in page


def test_differing_answers_of_other_seeds_are_shown() -> None:
    asked = comparison_of((8, 0, 3), (8, 0, 8))
    assert "seeds  same" in text(asked)
    page = text(asked, replace(LOOK, place=2))
    assert "seeds  differ" in page
    assert "8 3 8" in page
    assert "same for 1 of 3" in page
    assert "seeds" not in text(comparison_of())


def test_without_dropout_no_answer_is_called_steady() -> None:
    page = text(comparison_of(has_passes=False))
    assert "it has no dropout" in page
    assert "same" not in page
    only = text(comparison_of(has_passes=False), LOOK.show_only())
    assert "each image has only one answer; o shows all" in " ".join(only.split())


def test_high_screens_say_what_the_areas_mean_and_what_all_have_in_common() -> None:
    page = " ".join(text(comparison_of((8, 0, 3)), width=159, height=41).split())
    assert "AUROC 1 separates them from 297 test images, 0.5 is chance" in page
    assert "most often taken for 8, 2 of 3 · 55.00 % sure on average" in page
    assert "3 passes with dropout: 2 of 3 same · other seeds, #8: 2 of 3 same" in page


def test_only_those_that_get_different_answers_are_shown_and_that_is_said() -> None:
    look = LOOK.show_only()
    page = text(comparison_of(), look)
    assert page.startswith("epoch 2: AUROC 0.9500 energy 0.9123 softmax, differing ones only")
    assert "1 of 1" in page
    assert "E       differ" in page
    steady = replace(comparison_of(has_passes=False), seeds=comparison_of((8, 0, 8)).seeds)
    assert "Every image gets the same answer each time; o shows all." in text(steady, look)


def test_images_are_walked_and_a_place_beyond_the_last_one_is_the_last() -> None:
    page = drawn_outliers(LOOK.walk(1, 5, 5), comparison_of())
    assert (page.state.place, page.columns) == (2, 5)
    assert "3 of 3" in text_of(page.lines)


def test_other_tests_are_gone_through_and_a_new_one_is_shown_first() -> None:
    look = replace(LOOK, place=2).draw_others()
    assert (look.tests_back, look.place) == (1, 0)
    assert look.draw_others().newest() == LOOK
    assert "space test 1 of 3" in text(comparison_of(num_tests=3), width=119)


def test_copied_text_and_exported_tables_match_the_page() -> None:
    page = drawn_outliers(LOOK, comparison_of((8, 0, 3)))
    copied = page.text().splitlines()
    assert "E: 0 at 55.00 %, dropout 0 2 0, seeds same" in copied
    assert "?: 8 at 55.00 %, dropout same, seeds 8 3" in copied
    (table,) = page.tables()
    assert table.names[:5] == (
        "image", "predicted", "probability", "same with dropout", "same with other seeds",
    )  # fmt: skip
    assert table.rows[1][:2] == ("E", "0")
    assert table.rows[1][3:5] == (False, True)
    assert len(table.rows[0]) == 15


def test_sessions_differ_in_their_seed_alone_or_they_do_not() -> None:
    one = {"model": "cnn", "seed": 0, "filters": [4, 8]}
    assert differs_in_seed_alone(one, {**one, "seed": 1})
    assert not differs_in_seed_alone(one, one)
    assert not differs_in_seed_alone(one, {**one, "seed": 1, "model": "lenet"})
    assert not differs_in_seed_alone(one, {**one, "seed": 1, "more": 2})


def test_answers_that_are_no_numbers_are_dashes() -> None:
    asked = comparison_of()
    asked.own.answers.probabilities[0] = np.nan
    page = text(asked)
    assert "– %" in page.splitlines()[8]
    assert "at – %" in page
    assert "█" not in "".join(page.splitlines()[-10:])
    assert "AUROC" in drawn_outliers(LOOK, asked).text()
