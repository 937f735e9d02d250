"""Pages drawn from stored files: what is newest, what is kept, what is missing or damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.home import Home
from mnist_tui.storage.results.fixed_images import FixedImageAnswers, write_fixed_images
from mnist_tui.tui.evaluation.page_drawer import PageDrawer, PageRequest
from mnist_tui.tui.evaluation.page_state import PageArea, PageKind, PageState
from mnist_tui.tui.terminal.image_half_blocks import Ink
from mnist_tui.tui.text.styled_lines import text_of
from tests.dataset_files import write_small_dataset
from tests.tui.evaluations import answers_of, store, store_samples
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from mnist_tui.tui.evaluation.page_state import DrawnPage

ANSWERS = [(4, 9, 0.6), (4, 4, 0.9), (7, 1, 0.7)]
PREDICTIONS, MATRIX = PageState(PageKind.PREDICTIONS), PageState(PageKind.MATRIX)


class Place:
    """A home with two sessions, and the dataset that both were trained on."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.data_dir = folder / "data"
        write_small_dataset(self.data_dir)
        self.records = {
            number: msgspec.structs.replace(make_record(number), data_dir=str(self.data_dir))
            for number in (1, 2)
        }
        for number in self.records:
            self.folder(number).mkdir(parents=True)
        self.drawer = PageDrawer(self.home)

    def folder(self, number: int) -> Path:
        return self.home.session(number)

    def draw(self, look: PageState, other: int | None = None) -> DrawnPage | None:
        second = self.records[other] if other else None
        if other:
            look = replace(look, other_id=other)
        area = PageArea(79, 20, Ink.ASCII)
        return self.drawer.draw(PageRequest(look, self.records[1], second, area))

    def text(self, look: PageState, other: int | None = None) -> str:
        page = self.draw(look, other)
        assert page is not None, "drawn anew"
        return text_of(page.lines)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_without_any_file_the_page_says_how_to_score_images(place: Place) -> None:
    for look in (PREDICTIONS, MATRIX):
        assert "`mnist-tui evaluate 1`" in " ".join(place.text(look).split())


def test_samples_are_shown_as_long_as_they_are_newer_than_the_evaluation(place: Place) -> None:
    store(place.folder(1), ANSWERS, step=10)
    assert "of 3 right" in place.text(PREDICTIONS)
    store_samples(place.folder(1), ANSWERS[:2], step=20, epoch=2.0)
    assert "live, epoch 2: 1 of 2 right" in place.text(PREDICTIONS)
    store_samples(place.folder(1), [(4, 4, 0.5), (4, 4, 0.9)], step=30, epoch=3.0)
    assert "live, epoch 3: 2 of 2 right" in place.text(PREDICTIONS)
    assert "of 3 right" in place.text(MATRIX)
    store(place.folder(1), ANSWERS, step=30)
    assert "of 3 right" in place.text(PREDICTIONS)


def test_an_unchanged_page_is_not_drawn_again(place: Place) -> None:
    store(place.folder(1), ANSWERS, step=10)
    page = place.draw(MATRIX)
    assert page is not None
    assert place.draw(page.state) is None
    assert place.draw(replace(page.state, cell=(0, 0))) is not None
    store(place.folder(1), ANSWERS, step=20)
    assert place.draw(replace(page.state, cell=(0, 0))) is not None


def test_images_are_those_with_the_numbers_of_the_evaluation(place: Place) -> None:
    """Each pixel of this dataset tells the number of its image."""
    store(place.folder(1), [(4, 4, 0.9)], first_image=0)
    dark = place.text(PREDICTIONS)
    store(place.folder(1), [(4, 4, 0.9)], step=70, first_image=59)
    light = place.text(PREDICTIONS)
    assert dark.splitlines()[3] == "▌"
    assert ":" * 14 in light.splitlines()[3]


def test_missing_images_are_reported_once_above_the_rest(place: Place) -> None:
    store(place.folder(1), [(4, 4, 0.9)], first_image=5_000)
    text = place.text(PREDICTIONS)
    assert text.count("number 5,000") == 1
    assert "no image" in text
    assert "90" in text or "89.99 %" in text


def test_a_damaged_evaluation_is_a_sentence_and_damaged_samples_are_none(place: Place) -> None:
    answers = answers_of([(4, 4, 0.9)])
    wrong = FixedImageAnswers(5, 1.0, answers.probabilities, answers.labels + 40, answers.images)
    write_fixed_images(place.folder(1), wrong)
    assert "No image has been scored yet" in place.text(PREDICTIONS)
    store(place.folder(1), ANSWERS)
    (npz,) = (place.folder(1) / "evaluation").glob("*.npz")
    npz.write_bytes(b"no numbers")
    assert "is damaged" in place.text(MATRIX)


def test_another_session_is_compared_only_where_it_was_scored_on_the_same_images(
    place: Place,
) -> None:
    store(place.folder(1), ANSWERS)
    assert "#2 has no evaluation yet" in place.text(MATRIX, other=2)
    store(place.folder(2), ANSWERS[:2])
    text = place.text(MATRIX, other=2)
    assert "#2 was scored on other images" in text
    assert "33.33 % of 3 right" in text
    store(place.folder(2), [(4, 4, 0.6), (4, 4, 0.9), (7, 7, 0.8)], step=80)
    assert "1 right here − 3 in #2 = −2" in place.text(MATRIX, other=2)


def test_classes_of_an_unknown_dataset_are_numbers() -> None:
    assert class_names(Path(), "fashion-mnist", 10)[9] == "boot"
    assert class_names(Path(), "fashion-mnist", 3) == ("0", "1", "2")
    assert class_names(Path(), "gone", 2) == ("0", "1")
