"""Texts that name out-of-distribution images, and texts that name none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.training.parameters.image_sources import SIGNS
from mnist_tui.tui.evaluation.outlier_source_text import source_meant
from tests.dataset_files import write_small_dataset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("text", ["signs", ""])
def test_signs_are_meant_where_nothing_else_is(text: str) -> None:
    assert source_meant(text, "mnist", []) == SIGNS


@pytest.mark.parametrize("text", ["/", "./here", "~/here"])
def test_a_path_is_a_folder_of_pictures_wherever_it_is_read(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    source = source_meant(text, "mnist", [])
    assert (source.kind, source.path) == ("folder", "/" if text == "/" else f"{tmp_path}/here")


def test_a_dataset_is_looked_for_and_may_have_a_number_of_images(tmp_path: Path) -> None:
    write_small_dataset(tmp_path / "second", "kmnist")
    folders = (tmp_path / "first", tmp_path / "second")
    source = source_meant("kmnist", "mnist", folders)
    assert (source.path, source.dataset, source.count) == (str(folders[1]), "kmnist", 100)
    assert source_meant("kmnist  7", "mnist", folders).count == 7


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kmnit", "there is no such dataset; a folder has a / in it"),
        ("mnist", "that is what it was trained on"),
        ("fashion-mnist", "fashion-mnist is not on this machine"),
        ("kmnist 0", "a number of images is 1 to 1,000"),
        ("kmnist all", "a number of images is 1 to 1,000"),
        ("/no/such/folder", "there is no such folder"),
        ("~nobody-is-called-so/x", "nobody has that home folder"),
    ],
)
def test_a_text_that_names_no_images_is_refused_in_a_few_words(
    tmp_path: Path, text: str, complaint: str
) -> None:
    write_small_dataset(tmp_path, "kmnist")
    with pytest.raises(ValueError, match=complaint):
        source_meant(text, "mnist", [tmp_path])
