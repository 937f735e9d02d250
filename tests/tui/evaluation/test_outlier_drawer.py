"""Pages of outliers drawn from stored files: what is kept, what is newer, what holds nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.storage.results.outlier_tests import OutlierAnswers, write_outlier_test
from mnist_tui.tui.evaluation.page_drawer import PageDrawer, PageRequest
from mnist_tui.tui.evaluation.page_state import PageArea, PageKind, PageState
from mnist_tui.tui.terminal.image_half_blocks import Ink
from mnist_tui.tui.text.styled_lines import text_of
from tests.storage.outlier_files import small_answers, small_test
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from pathlib import Path

LOOK = PageState(PageKind.OUTLIERS)
ONE, TWO = make_record(1), make_record(2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the folders of two sessions."""
    home = Home(tmp_path / "home")
    for record in (ONE, TWO):
        home.session(record.id).mkdir(parents=True)
    return home


def wish(look: PageState = LOOK, *, has_seed: bool = False) -> PageRequest:
    return PageRequest(look, ONE, None, PageArea(79, 20, Ink.ASCII), (TWO,) if has_seed else ())


def text(drawer: PageDrawer, asked: PageRequest) -> str:
    page = drawer.draw(asked)
    assert page is not None, "drawn anew"
    return " ".join(text_of(page.lines).split())


def test_without_a_test_the_page_says_which_key_makes_one(home: Home) -> None:
    assert "yet: O tests letters" in text(PageDrawer(home), wish())


def test_a_page_is_drawn_again_only_if_something_is_new(home: Home) -> None:
    drawer = PageDrawer(home)
    write_outlier_test(home.session(1), small_test(), small_answers())
    page = drawer.draw(wish())
    assert page is not None
    assert drawer.draw(wish(page.state)) is None
    assert drawer.draw(wish(replace(page.state, place=1))) is not None
    write_outlier_test(home.session(1), small_test(created_at="2036"), small_answers(1, 1, 1))
    assert "predicted 1" in text(drawer, wish())
    write_outlier_test(home.session(2), small_test(), small_answers(1, 1, 2))
    assert drawer.draw(wish()) is None, "no other seed is looked at"
    assert "seeds same" in text(drawer, wish(has_seed=True))


def test_other_images_of_a_seed_are_no_answer_to_these(home: Home) -> None:
    write_outlier_test(home.session(1), small_test(), small_answers())
    write_outlier_test(home.session(2), small_test(source_key="folder-1"), small_answers())
    write_outlier_test(home.session(2), small_test(step=5, names=("x", "y", "z")), small_answers())
    assert "seeds" not in text(PageDrawer(home), wish(has_seed=True))


def test_a_test_of_no_image_is_a_sentence(home: Home) -> None:
    nothing = OutlierAnswers(
        np.empty((0, 10), np.float32), np.empty((0, 0, 10), np.float32),
        np.empty((0, 28, 28), np.uint8),
    )  # fmt: skip
    write_outlier_test(home.session(1), small_test(names=(), num_passes=0), nothing)
    assert "has no answers" in text(PageDrawer(home), wish())
