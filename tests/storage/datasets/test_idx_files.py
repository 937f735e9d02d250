from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_catalog import FILES
from mnist_tui.storage.datasets.dataset_folder import inspect, raw_folder
from mnist_tui.storage.datasets.idx_files import load_split, publish, write_idx
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError, StorageError
from tests.storage.samples import tree

if TYPE_CHECKING:
    from pathlib import Path


def write_dataset(folder: Path, num_train: int = 20, num_test: int = 10, seed: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    for split, count in (("train", num_train), ("test", num_test)):
        images = chance.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        write_idx(folder / FILES[split, "images"], images)
        labels = chance.integers(0, 10, count, dtype=np.uint8)
        write_idx(folder / FILES[split, "labels"], labels)


def test_written_arrays_come_back(tmp_path: Path) -> None:
    write_dataset(raw_folder(tmp_path, "digits"))
    images, labels = load_split(tmp_path, "digits", "train")
    chance = np.random.default_rng(0)
    assert np.array_equal(images, chance.integers(0, 256, (20, 28, 28), dtype=np.uint8))
    assert np.array_equal(labels, chance.integers(0, 10, 20, dtype=np.uint8))
    assert load_split(tmp_path, "digits", "test")[0].shape == (10, 28, 28)


def test_images_are_maps_and_no_change_ever_reaches_the_files(tmp_path: Path) -> None:
    write_dataset(raw_folder(tmp_path, "digits"))
    before = tree(tmp_path)
    images, labels = load_split(tmp_path, "digits", "train")
    assert isinstance(images, np.memmap)
    images[:] = 0
    labels[:] = 0
    assert not images.any()
    del images, labels
    assert tree(tmp_path) == before


def test_the_real_mnist_loads(mnist_dir: Path) -> None:
    images, labels = load_split(mnist_dir, "mnist", "train")
    assert images.shape == (60_000, 28, 28)
    assert np.bincount(labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert load_split(mnist_dir, "mnist", "test")[1][:5].tolist() == [7, 2, 1, 0, 4]


def test_missing_and_damaged_files_are_refused_before_they_are_mapped(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError):
        load_split(tmp_path, "digits", "train")
    folder = raw_folder(tmp_path, "digits")
    write_dataset(folder)
    path = folder / FILES["test", "images"]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetDamagedError):
        load_split(tmp_path, "digits", "train")


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 28, 28), dtype=np.float32),
        np.zeros((3, 27, 28), dtype=np.uint8),
        np.zeros((3, 784), dtype=np.uint8),
        np.uint8(3).reshape(()),
    ],
)
def test_an_array_that_is_neither_images_nor_labels_is_refused(
    tmp_path: Path, array: np.ndarray
) -> None:
    with pytest.raises(ValueError, match="neither images nor labels"):
        write_idx(tmp_path / "file", array)
    assert tree(tmp_path) == {}


def test_a_published_dataset_is_whole_and_the_temporary_folder_empty(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    write_dataset(temp)
    publish(temp, tmp_path / "data", "digits")
    assert inspect(tmp_path / "data", "digits").num_train == 20
    assert tree(temp) == {}


def test_a_dataset_that_is_mapped_survives_its_replacement(tmp_path: Path) -> None:
    for seed, size in ((0, 20), (1, 5)):
        write_dataset(tmp_path / str(seed), num_train=size, seed=seed)
    publish(tmp_path / "0", tmp_path, "digits")
    images, _ = load_split(tmp_path, "digits", "train")
    kept = np.array(images)
    publish(tmp_path / "1", tmp_path, "digits")
    assert np.array_equal(images, kept)
    assert load_split(tmp_path, "digits", "train")[0].shape == (5, 28, 28)


def test_with_a_file_missing_nothing_is_published(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    write_dataset(temp)
    (temp / FILES["test", "labels"]).unlink()
    with pytest.raises(StorageError) as caught:
        publish(temp, tmp_path / "data", "digits")
    target = raw_folder(tmp_path / "data", "digits")
    assert str(caught.value) == (
        f"The files of digits cannot be put into {target} (No such file or directory);"
        " make room and check its permissions, or choose another folder with --data-dir."
    )
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    write_dataset(temp)
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StorageError, match=r"Not a directory.*--data-dir"):
        publish(temp, tmp_path / "data", "digits")
    assert len(tree(temp)) == 4
