from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, FILES
from mnist_tui.storage.datasets.dataset_folder import raw_folder
from mnist_tui.storage.datasets.idx_files import write_idx
from mnist_tui.storage.datasets.pixels import read_pixels
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Twenty training and ten test images; each pixel tells the number of its image."""
    raw = raw_folder(tmp_path, "digits")
    raw.mkdir(parents=True)
    for split, numbers in (("train", range(20)), ("test", range(20, 30))):
        pixels = np.repeat(np.array(numbers, dtype=np.uint8), 784)
        write_idx(raw / FILES[split, "images"], pixels.reshape(-1, 28, 28))
        write_idx(raw / FILES[split, "labels"], np.zeros(len(numbers), dtype=np.uint8))
    return tmp_path


def test_numbers_go_through_the_training_file_and_then_the_test_file(data_dir: Path) -> None:
    pixels = read_pixels(data_dir, "digits", [29, 0, 19, 20, 0])
    assert pixels.shape == (5, 28, 28)
    assert pixels.dtype == np.uint8
    assert pixels[:, 0, 0].tolist() == pixels[:, 27, 27].tolist() == [29, 0, 19, 20, 0]


def test_no_numbers_are_no_images(data_dir: Path) -> None:
    assert read_pixels(data_dir, "digits", []).shape == (0, 28, 28)


@pytest.mark.parametrize("number", [30, -1])
def test_a_number_without_an_image_says_that_the_files_are_others(
    data_dir: Path, number: int
) -> None:
    with pytest.raises(DatasetDamagedError) as caught:
        read_pixels(data_dir, "digits", [3, number])
    assert f"has 30 images, but number {number} is asked for" in str(caught.value)
    assert "these are not the files that the numbers are from" in str(caught.value)


def test_without_the_files_it_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="digits is not on this machine"):
        read_pixels(tmp_path, "digits", [0])


def test_emnist_is_turned_so_that_one_can_read_it(data_dir: Path) -> None:
    raw = raw_folder(data_dir, "emnist-digits")
    raw.mkdir(parents=True)
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    image[0, 3, 20] = 255
    for split in ("train", "test"):
        write_idx(raw / DATASETS["emnist-digits"].files[split, "images"], image)
        write_idx(raw / DATASETS["emnist-digits"].files[split, "labels"], np.zeros(1, np.uint8))
    assert np.argwhere(read_pixels(data_dir, "emnist-digits", [1])[0]).tolist() == [[20, 3]]


def test_the_first_and_last_images_of_the_real_mnist(mnist_dir: Path) -> None:
    pixels = read_pixels(mnist_dir, "mnist", np.array([0, 69_999]))
    assert pixels.reshape(2, -1).sum(axis=1).tolist() == [27_525, 41_833]
