"""Out-of-distribution tests in reports: shown if there are any, left out otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.storage.results.outlier_tests import OutlierAnswers, OutlierTest, write_outlier_test
from mnist_tui.tui.reports.outlier_section import TITLE
from mnist_tui.tui.reports.report_data import read_report_data
from mnist_tui.tui.reports.report_document import Document, Pictures, facts_table
from mnist_tui.tui.reports.report_writer import report_document, write_report
from mnist_tui.tui.text.table import Facts, Table
from tests.system.command import store

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.tui.reports.report_data import ReportData

NOW = "2026-01-02T03:04:05.678Z"


def show(home: Home, session_id: int, *classes: int, passes: int = 3) -> None:
    """Store what a session answered to as many images, each with 0.91; passes answer the same."""
    probabilities = np.full((len(classes), 10), 0.01, dtype=np.float32)
    probabilities[np.arange(len(classes)), classes] = 0.91
    test = OutlierTest(
        step=10, epoch=1.0, generation=1, source="signs that somebody drew", source_key="signs",
        dataset="digits", names=tuple(f"<sign {place}>" for place in range(len(classes))),
        num_passes=passes, scores="logits", num_known=297, auroc_softmax=0.9, auroc_energy=0.95,
        created_at=NOW,
    )  # fmt: skip
    images = np.zeros((len(classes), 28, 28), dtype=np.uint8)
    answers = OutlierAnswers(probabilities, np.repeat(probabilities[None], passes, axis=0), images)
    write_outlier_test(home.session(session_id), test, answers)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with three sessions that differ in nothing but their numbers."""
    home = Home(tmp_path / "home")
    store(home, "first", "second", "third")
    return home


def gathered_of(home: Home, *session_ids: int) -> ReportData:
    records = [record for record in read_records(home) if record.id in session_ids]
    return read_report_data(home, records, written_at=NOW)


def blocks_of(document: Document, level: int) -> list[object]:
    return [
        block
        for section in document.sections
        if section.title == TITLE and section.level == level
        for block in section.blocks
    ]


def test_without_a_test_a_report_has_no_such_part(home: Home) -> None:
    gathered = gathered_of(home, 1, 2)
    assert all(section.title != TITLE for section in report_document(gathered).sections)
    assert json.loads(write_report(gathered, "json"))["sessions"][0]["outliers"] is None


def test_a_session_has_its_scores_and_its_answer_to_each_image(home: Home) -> None:
    show(home, 1, 8, 8, 2)
    gathered = gathered_of(home, 1)
    figures, pictures = blocks_of(report_document(gathered), level=3)
    assert isinstance(figures, Facts)
    assert dict(facts_table(figures).rows) == {  # type: ignore[arg-type]  # rows of two
        "step": "10",
        "AUROC of the greatest probability": "0.9000",
        "AUROC of the energy score": "0.9500",
        "mean greatest probability": "91.00 %",
        "answered most often": "8, 2 of 3",
        "the same answer with dropout active": "3 of 3 same",
    }
    assert isinstance(pictures, Pictures)
    assert pictures.captions == (
        ("<sign 0> taken for 8", "91.00 % sure, with dropout same"),
        ("<sign 1> taken for 8", "91.00 % sure, with dropout same"),
        ("<sign 2> taken for 2", "91.00 % sure, with dropout same"),
    )
    assert "&lt;sign 0&gt; taken for 8" in write_report(gathered, "html")
    result = json.loads(write_report(gathered, "json"))["sessions"][0]["outliers"]
    assert [answer["class"] for answer in result["sessions"][0]["answers"]] == ["8", "8", "2"]


def test_sessions_that_differ_in_their_seed_alone_are_compared(home: Home) -> None:
    show(home, 1, 8, 8, 2)
    show(home, 2, 8, 5, 2, passes=0)
    sessions, seeds = blocks_of(report_document(gathered_of(home, 1, 2, 3)), level=2)
    assert isinstance(sessions, Table)
    assert [row[-1] for row in sessions.rows] == ["3 of 3 same", "no dropout"]
    assert isinstance(seeds, Table)
    assert seeds.title == "Seeds: the same answer to 2 of 3 images"
    assert [row[1:] for row in seeds.rows] == [
        ("8", "8", "same"),
        ("8", "5", "8 5"),
        ("2", "2", "same"),
    ]


def test_damaged_answers_are_reported_in_a_sentence(home: Home) -> None:
    show(home, 1, 8)
    next(home.session(1).glob("outliers/*.npz")).write_bytes(b"no answers")
    assert "is damaged: its checksum does not match" in write_report(gathered_of(home, 1), "md")
