"""A study's table as text, Markdown, CSV and JSON."""

from __future__ import annotations

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.studies.study_definition import Study, StudyRow
from mnist_tui.training.studies.study_table import StudyTable, study_table
from mnist_tui.tui.reports.study_report import study_lines, study_object, study_tables
from mnist_tui.tui.reports.table_formats import as_csv, as_markdown
from tests.training.study_samples import outcome

STUDY = Study(
    name="rates",
    title="Two rates",
    source="Nobody et al.",
    rows=(
        StudyRow(label="baseline", published={"test_accuracy": 0.9583, "trained_s": 13.58}),
        StudyRow(label="1 SGD", parameters={"optimizer": "sgd"}),
        StudyRow(label="ResNet50", published={"test_accuracy": 0.835}),
    ),
    columns=("test_accuracy", "trained_s", "checkpoint_bytes"),
    seeds=(0, 1),
    findings=("adam-above-sgd", "resnet-below"),
    remarks=("Times are of another machine.",),
    changes={"epochs": "1"},
)


@pytest.fixture
def table() -> StudyTable:
    size = 2 * 1024.0**2
    outcomes = [
        outcome("baseline", 0, test_accuracy=0.95, trained_s=2.0, checkpoint_bytes=size),
        outcome("baseline", 1, test_accuracy=0.97, trained_s=4.0, checkpoint_bytes=size),
        outcome("1 SGD", 0, test_accuracy=0.9, trained_s=2.0, checkpoint_bytes=size),
        outcome("1 SGD", 1, state=SessionState.RUNNING, test_accuracy=0.1),
    ]
    return study_table(STUDY, outcomes, "rates-2", {"ResNet50": "Weights are missing."})


def test_the_page_names_the_study_its_progress_and_its_results(table: StudyTable) -> None:
    assert study_lines(table, None) == [
        "rates-2: Two rates.",
        "Nobody et al.",
        "",
        "3 of 4 sessions finished, 1 running; seeds 0, 1.",
        "Set for every row: epochs=1; what was published was measured without.",
        "",
        "ROW       DONE           TEST % (PUBLISHED)   TRAINED (PUBLISHED)  CHECKPOINT MIB",
        "baseline  2/2           96.00 ±1.41 (95.83)  3.00s ±1.41s (13.6s)      2.00 ±0.00",
        "1 SGD     1/2           90.00                2.00s                     2.00",
        "ResNet50  not measured      –       (83.50)      –                        –",
        "",
        "ResNet50: not measured. Weights are missing.",
        "",
        "Published findings, by our means:",
        "  true           Adam is better than SGD.",
        "  not known yet  ResNet50 stays below the baseline.",
        "",
        "Times are of another machine.",
    ]


def test_a_narrow_terminal_gets_the_columns_below_each_other(table: StudyTable) -> None:
    lines = study_lines(table, 60)
    assert max(map(len, lines[6:17])) <= 60
    assert sum(line.startswith("ROW") for line in lines) == 2


def test_a_study_that_was_not_run_shows_what_was_published() -> None:
    lines = study_lines(study_table(STUDY, []), None)
    assert "It has no sessions; `mnist-tui study run rates` makes them." in lines
    assert any("– (95.83)" in line for line in lines)


def test_no_text_of_a_definition_steers_the_terminal() -> None:
    study = Study(
        name="rates", title="\x1b[2J", source="\x9b31m", rows=(StudyRow(label="a\x1bb"),),
        remarks=("\u202e",),
    )  # fmt: skip
    text = "\n".join(study_lines(study_table(study, [], "r\x1b", {"a\x1bb": "\x1b]0;x"}), 80))
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


def test_json_has_every_seed_and_no_nan(table: StudyTable) -> None:
    plain = study_object(table)
    assert (plain["run"], plain["study"], plain["sessions"], plain["finished"]) == (
        "rates-2", "rates", 4, 3,
    )  # fmt: skip
    baseline, sgd, resnet = plain["rows"]
    figure = baseline["figures"]["test_accuracy"]
    assert figure["mean"] == pytest.approx(0.96)
    assert figure["published"] == 0.9583
    assert figure["difference"] == pytest.approx(0.0017)
    assert [each["test_accuracy"] for each in baseline["sessions"]] == [0.95, 0.97]
    assert [(each["seed"], each["state"]) for each in sgd["sessions"]] == [
        (0, "finished"),
        (1, "running"),
    ]
    assert sgd["figures"]["test_accuracy"]["sd"] is None
    assert (resnet["not_measured"], resnet["sessions"]) == ("Weights are missing.", [])
    assert [each["holds"] for each in plain["findings"]] == [True, None]


def test_csv_has_a_line_per_row_with_measured_and_published_figures(table: StudyTable) -> None:
    header, baseline, *_ = as_csv(study_tables(table)[0]).splitlines()
    assert header.startswith("row,finished,test_accuracy,test_accuracy_sd,test_accuracy_published,")
    assert baseline.startswith("baseline,2,0.96,0.01414")
    assert ",0.9583,3.0," in baseline


def test_markdown_has_rows_and_findings(table: StudyTable) -> None:
    text = as_markdown(study_tables(table))
    assert "## rates\\-2" in text or "## rates-2" in text
    assert "## Published findings" in text
    assert "| Adam is better than SGD | true |" in text
