"""Means and deviations over seeds, beside what was published."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec.structs import replace

from mnist_tui.storage.folders import make_session_folder
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState
from mnist_tui.storage.results.evaluations import Evaluation, Predictions, write_evaluation
from mnist_tui.storage.results.outlier_tests import OutlierAnswers, OutlierTest, write_outlier_test
from mnist_tui.training.studies.run_definitions import study_of
from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.training.studies.study_definition import Study, StudyRow
from mnist_tui.training.studies.study_results import _METRICS, OF_EVALUATIONS, measure
from mnist_tui.training.studies.study_table import study_table
from tests.training.study_samples import outcome, sevens_as_nines, table_of

if TYPE_CHECKING:
    from pathlib import Path

EVALUATION = Evaluation(
    step=10, epoch=1.0, split="test", dataset="digits", num_images=4, sha256="", loss=0.5,
    accuracy=0.75, mse=0.1, ece=0.25, confusion=((1, 1), (0, 2)), test_s=1.5, weights_bytes=400,
    num_parameters=100, reason="final", created_at="2026-01-01T00:00:00.000Z",
)  # fmt: skip

STUDY = Study(
    name="rates",
    title="Rates",
    rows=(
        StudyRow(label="small", published={"test_accuracy": 0.95}),
        StudyRow(label="large"),
        StudyRow(label="huge", published={"test_accuracy": 0.5}),
    ),
)


def predictions() -> Predictions:
    return Predictions(
        probabilities=np.full((4, 2), 0.5, dtype=np.float32),
        labels=np.array([0, 0, 1, 1], dtype=np.uint8),
        images=np.arange(4, dtype=np.int64),
    )


def test_a_cell_is_mean_and_sample_deviation_over_the_seeds() -> None:
    outcomes = [
        outcome("small", seed, test_accuracy=accuracy)
        for seed, accuracy in enumerate((0.9, 0.92, 0.97))
    ]
    figure = study_table(STUDY, outcomes).rows[0].figures["test_accuracy"]
    assert figure.mean == pytest.approx(0.93)
    assert figure.sd == pytest.approx(math.sqrt((0.03**2 + 0.01**2 + 0.04**2) / 2))
    assert (figure.count, figure.published) == (3, 0.95)
    assert figure.difference == pytest.approx(-0.02)


def test_only_finished_sessions_count() -> None:
    outcomes = [
        outcome("small", 0, test_accuracy=0.9),
        outcome("small", 1, state=SessionState.RUNNING, test_accuracy=0.1),
        outcome("small", 2, state=SessionState.FAILED, test_accuracy=0.1),
    ]
    table = study_table(STUDY, outcomes)
    figure = table.rows[0].figures["test_accuracy"]
    assert (figure.mean, figure.sd, figure.count) == (0.9, None, 1)
    assert (table.num_finished, len(table.outcomes)) == (1, 3)


def test_a_figure_that_is_absent_or_no_number_is_left_out_of_the_mean() -> None:
    outcomes = [
        outcome("small", 0, test_loss=0.5, val_loss=math.nan),
        outcome("small", 1, test_loss=None, val_loss=math.inf),
    ]
    figures = study_table(STUDY, outcomes).rows[0].figures
    assert (figures["test_loss"].mean, figures["test_loss"].count) == (0.5, 1)
    assert figures["val_loss"].mean is None
    assert figures["test_accuracy"].difference is None


def test_rows_stand_as_defined_and_their_sessions_by_seed() -> None:
    outcomes = [outcome("large", 1), outcome("small", 0), outcome("large", 0), outcome("gone", 0)]
    table = study_table(STUDY, outcomes, "rates", {"huge": "Too large."})
    assert [row.label for row in table.rows] == ["small", "large", "huge"]
    assert [each.seed for each in table.rows[1].outcomes] == [0, 1]
    assert [row.left_out for row in table.rows] == ["", "", "Too large."]


def test_what_is_missing_is_counted_but_for_rows_that_were_left_out() -> None:
    outcomes = [outcome("small", 0), outcome("small", 1), outcome("large", 0)]
    study = replace(STUDY, seeds=(0, 1))
    assert study_table(study, outcomes).num_missing == 3
    table = study_table(study, outcomes, "rates", {"huge": "Too large.", "large": "It was."})
    assert table.num_missing == 1
    # A row that was made later is left out no more.
    assert table.rows[1].left_out == ""


def test_confusions_are_means_over_the_seeds_that_were_evaluated() -> None:
    outcomes = [
        outcome("small", 0, confusion=sevens_as_nines(6)),
        outcome("small", 1, confusion=sevens_as_nines(1)),
        outcome("small", 2),
        outcome("large", 0, confusion=((5, 1), (0, 5))),
    ]
    small, large, huge = study_table(STUDY, outcomes).rows
    assert small.mean_confusion(7, 9) == 3.5
    assert large.mean_confusion(0, 1) == 1
    assert large.mean_confusion(7, 9) is None
    assert huge.mean_confusion(0, 0) is None


def test_a_finding_of_a_newer_version_is_passed_over() -> None:
    table = table_of({"a": {}}, "adam-above-sgd", "unheard-of")
    assert [(finding.name, finding.holds) for finding in table.findings] == [
        ("adam-above-sgd", None)
    ]


def test_a_lost_definition_leaves_rows_and_seeds() -> None:
    records = [outcome(row, seed).record for seed in (3, 0) for row in ("b", "a")]
    study = study_of("rates", records)
    assert [row.label for row in study.rows] == ["b", "a"]
    assert study.seeds == (0, 3)
    table = study_table(study, [outcome("a", test_accuracy=0.5)], "rates")
    assert table.rows[1].figures["test_accuracy"].mean == 0.5


def test_evaluation_and_outlier_test_of_a_session_are_taken_from_its_files(tmp_path: Path) -> None:
    home = Home(tmp_path)
    record = outcome("small").record
    folder = make_session_folder(home, record.id)
    write_evaluation(folder, EVALUATION, predictions())
    answers = np.zeros((3, 2), dtype=np.float32)
    answers[:2, 1] = 1.0
    test = OutlierTest(
        step=10, epoch=1.0, generation=1, source="drawn", source_key="drawn", dataset="digits",
        names=("A", "B", "C"), num_passes=0, scores="logits", num_known=4, auroc_softmax=0.5,
        auroc_energy=0.5, created_at="2026-01-01T00:00:00.000Z",
    )  # fmt: skip
    images = np.zeros((3, 28, 28), dtype=np.uint8)
    passes = np.zeros((0, 3, 2), dtype=np.float32)
    write_outlier_test(folder, test, OutlierAnswers(answers, passes, images))
    (row,) = measure(home, "rates", [record]).rows
    (found,) = row.outcomes
    assert (found.values["test_s"], found.values["ece"]) == (1.5, 0.25)
    assert found.values["weights_bytes"] == 400
    assert found.confusion == ((1, 1), (0, 2))
    assert found.outlier_counts == (1, 2)


def test_every_column_is_measured() -> None:
    assert sorted([*_METRICS, *OF_EVALUATIONS]) == sorted(COLUMNS)
