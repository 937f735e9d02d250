from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.datasets.dataset_catalog import FILES
from mnist_tui.storage.datasets.dataset_folder import raw_folder
from mnist_tui.tui.forms.form_check import FormCheck

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"dataset": "digits", "model": "cnn", "optimizer": "adam"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("learning_rate", "0", "greater than 0"),
        ("learning_rate", "nan", "finite"),
        ("learning_rate", "0.1,0", "greater than 0"),
        ("learning_rate", "0.1,", "missing beside a comma"),
        ("epochs", "many", "whole number"),
        ("device", "gpu7", "cuda:N"),
        ("kernel_size", "12", "28×28"),
    ],
)
def test_each_problem_is_told_with_its_field(
    tmp_path: Path, field: str, value: str, says: str
) -> None:
    checked = FormCheck(tmp_path).check(GOOD | {field: value}, "")
    assert (checked.resolved, checked.plans) == ([], [])
    assert says in checked.problems[field]


@pytest.mark.parametrize("name", ["../x", "[red]", "a\x1b[31m", "-rf", "x" * 65, "12"])
def test_a_name_that_cannot_be_a_label_is_refused(tmp_path: Path, name: str) -> None:
    assert "name" in FormCheck(tmp_path).check(GOOD, name).problems


def test_a_good_form_has_no_problems_and_is_complete(tmp_path: Path) -> None:
    check = FormCheck(tmp_path)
    check.default_threads = 3
    plans, (resolved,), wrong = check.check(GOOD, "a good name")
    assert wrong == {}
    assert (resolved.filters, resolved.threads) == ((32, 64), 3)
    assert [each.name for each in plans] == ["a good name"]


def test_alternatives_are_sessions_each_complete(tmp_path: Path) -> None:
    checked = FormCheck(tmp_path).check(GOOD | {"learning_rate": "0.1,0.01"}, "")
    assert [each.name for each in checked.plans] == ["cnn-digits lr=0.1", "cnn-digits lr=0.01"]
    assert [each.learning_rate for each in checked.resolved] == [0.1, 0.01]


def test_a_missing_dataset_is_announced_and_a_damaged_one_refused(tmp_path: Path) -> None:
    check = FormCheck(tmp_path)
    assert "downloaded" in check.dataset_note("mnist")
    assert check.sizes("mnist") is None
    folder = raw_folder(tmp_path, "mnist")
    folder.mkdir(parents=True)
    for file_name in FILES.values():
        (folder / file_name).write_bytes(b"not idx")
    assert "damaged" in check.check(GOOD | {"dataset": "mnist"}, "").problems["dataset"]
