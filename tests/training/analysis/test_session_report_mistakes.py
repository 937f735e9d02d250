"""Figures that a report collects of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_folder import file_of
from mnist_tui.storage.home import Home
from mnist_tui.storage.results.evaluations import Predictions, write_evaluation
from mnist_tui.training.analysis.session_report import (
    SessionReport,
    confident_mistakes,
    read_report,
)
from tests.storage.evaluation_files import small_evaluation, small_predictions, write_small
from tests.system.command import store
from tests.training.comparisons import measured

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord


def predictions(*rows: tuple[int, list[float]]) -> Predictions:
    """Return answers from true classes and probabilities; image numbers begin at 100."""
    return Predictions(
        np.array([each for _, each in rows], dtype=np.float32),
        np.array([label for label, _ in rows], dtype=np.uint8),
        np.arange(100, 100 + len(rows)),
    )


def test_mistakes_come_by_falling_confidence_and_equal_ones_by_number() -> None:
    answers = predictions(
        (0, [0.9, 0.1]), (0, [0.25, 0.75]), (1, [1.0, 0.0]), (0, [0.25, 0.75]), (1, [0.5, 0.5])
    )
    found = confident_mistakes(answers)
    assert [mistake.image for mistake in found] == [102, 101, 103, 104]
    assert found[0] == (102, 1, 0, 1.0, 0.0)
    assert [mistake.image for mistake in confident_mistakes(answers, most=2)] == [102, 101]


def test_probabilities_that_are_no_numbers_are_the_least_sure() -> None:
    answers = predictions((1, [float("nan"), float("nan")]), (1, [0.75, 0.25]))
    found = confident_mistakes(answers)
    assert [(mistake.image, mistake.confidence) for mistake in found] == [(101, 0.75), (100, 0.0)]


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Home, SessionRecord]:
    """A home with one session on digits whose data folder is empty."""
    home = Home(tmp_path / "home")
    store(home, "only")
    record = measured(1).record
    return home, record


def test_without_an_evaluation_there_is_none_to_tell(stored: tuple[Home, SessionRecord]) -> None:
    home, record = stored
    report = read_report(home, record)
    assert report == SessionReport(report.measured, report.command)
    assert report.num_mistakes == 0


def test_without_the_images_mistakes_are_told_by_number(
    stored: tuple[Home, SessionRecord],
) -> None:
    home, record = stored
    write_small(home.session(1), num_images=60, num_wrong=6)
    report = read_report(home, record)
    assert report.num_mistakes == len(report.mistakes) == 6
    assert report.pixels == ()
    assert report.trouble


def test_a_dataset_of_another_version_leaves_the_figures(
    stored: tuple[Home, SessionRecord],
) -> None:
    home, record = stored
    answers = small_predictions(num_images=60)
    evaluation = small_evaluation(answers, dataset="of-tomorrow")
    write_evaluation(home.session(1), evaluation, answers)
    report = read_report(home, record)
    assert report.num_mistakes == 6
    assert report.trouble == "This version of mnist-tui does not know the dataset of-tomorrow."


def test_damaged_answers_leave_the_figures(stored: tuple[Home, SessionRecord]) -> None:
    home, record = stored
    write_small(home.session(1))
    next(home.session(1).glob("evaluation/*.npz")).write_bytes(b"no answers")
    report = read_report(home, record)
    assert report.evaluation is not None
    assert report.mistakes == ()
    assert "is damaged" in report.trouble


def test_images_are_those_of_the_numbers(tmp_path: Path) -> None:
    from mnist_tui.training.data.dataset_download import download_dataset

    home = Home(tmp_path / "home")
    store(home, "only")
    download_dataset("digits", tmp_path, lambda _text: None, mirror=None)
    write_small(home.session(1), num_wrong=3)
    record = msgspec.structs.replace(measured(1).record, data_dir=str(tmp_path))
    report = read_report(home, record)
    files = [file_of(tmp_path, "digits", split, "images") for split in ("train", "test")]
    raw = b"".join(file.read_bytes()[16:] for file in files)
    start = 784 * report.mistakes[0].image
    assert len(report.pixels) == 3
    assert report.pixels[0] == raw[start : start + 784]
    assert report.trouble == ""
