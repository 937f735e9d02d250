"""Output of `evaluate`: aligned, complete, and empty if there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mnist_tui.storage.home import Home
from mnist_tui.tui.reports.evaluation_report import details_of, report_lines
from tests.storage.evaluation_files import small_evaluation, small_predictions
from tests.storage.samples import sample_record

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.results.evaluations import Evaluation


@pytest.fixture
def evaluation() -> Evaluation:
    return small_evaluation(small_predictions(num_wrong=0), loss=0.1234, accuracy=1.0, mse=None)


def lines_of(folder: Path, evaluation: Evaluation) -> list[str]:
    return report_lines(details_of(Home(folder), sample_record(7), evaluation, None))


def test_figures_classes_and_matrix_stand_in_columns(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    lines = lines_of(tmp_path, evaluation)
    assert lines[0] == "session 7 (#7), scored with the test set of digits: 60 images"
    assert "  loss                     0.1234" in lines
    assert "  accuracy                 100.0 %" in lines
    assert "  calibration error (ECE)  5.00 %" in lines
    assert "  size of the weights      40.0 kB (40,000 bytes)" in lines
    table = lines.index("CLASS  PRECISION %  RECALL %   F1 %  IMAGES")
    assert lines[table + 1] == "0            100.0     100.0  100.0       6"
    matrix = lines[-11:]
    assert matrix[0].split() == list("0123456789")
    assert matrix[4].split() == ["3", "0", "0", "0", "6", "0", "0", "0", "0", "0", "0"]
    assert len(set(map(len, matrix))) == 1


def test_what_is_unknown_is_a_dash(tmp_path: Path) -> None:
    # One image: nine classes are neither there nor predicted.
    evaluation = small_evaluation(small_predictions(num_images=1, num_wrong=0), ece=None, mse=None)
    lines = lines_of(tmp_path, evaluation)
    assert "  MSE                      –" in lines
    assert "  checkpoint               –" in lines
    assert "  training time            –" in lines
    classes = lines[lines.index("CLASS  PRECISION %  RECALL %   F1 %  IMAGES") + 1 :]
    assert classes[1].split() == ["1", "–", "–", "–", "0"]


def test_classes_of_an_unknown_dataset_are_numbers(tmp_path: Path, evaluation: Evaluation) -> None:
    for each in (small_evaluation(small_predictions(), "mine"), evaluation):
        details = details_of(Home(tmp_path), sample_record(7), each, None)
        assert [row["class"] for row in details["classes"]] == list("0123456789")


def test_text_from_files_steers_no_terminal(tmp_path: Path, evaluation: Evaluation) -> None:
    evil = "\x1b]0;x\x07\u202e\n"
    stored = replace(evaluation, dataset=evil, reason=evil, created_at=evil)
    record = sample_record(7, name=evil)
    lines = report_lines(details_of(Home(tmp_path), record, stored, None))
    assert all(line.isprintable() for line in lines)
    assert "set of \ufffd]0;x" in lines[0]
