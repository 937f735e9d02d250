from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import (
    DatasetSizes,
    find_data_dir,
    inspect,
    labels_of,
    raw_folder,
    verify_checksums,
)
from mnist_tui.storage.datasets.idx_files import load_split, write_idx
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with a sound dataset of 20 training and 10 test images."""
    folder = raw_folder(tmp_path, "mnist")
    folder.mkdir(parents=True)
    chance = np.random.default_rng(0)
    for prefix, count in (("train", 20), ("t10k", 10)):
        images = chance.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        write_idx(folder / f"{prefix}-images-idx3-ubyte", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", np.arange(count, dtype=np.uint8) % 10)
    return tmp_path


def damaged(data_dir: Path, file_name: str, content: bytes) -> str:
    """Return what the user reads when a file holds `content`."""
    path = raw_folder(data_dir, "mnist") / file_name
    path.write_bytes(content)
    with pytest.raises(DatasetDamagedError) as caught:
        inspect(data_dir, "mnist")
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith("delete it and try again, or choose another folder with --data-dir.")
    return sentence


def content_of(data_dir: Path, file_name: str) -> bytes:
    return (raw_folder(data_dir, "mnist") / file_name).read_bytes()


def test_sound_files_tell_their_sizes(data_dir: Path) -> None:
    assert inspect(data_dir, "mnist") == DatasetSizes((2,) * 10, (1,) * 10)


@pytest.mark.parametrize("name", DATASETS)
def test_a_missing_dataset_says_which_file_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetMissingError) as caught:
        inspect(tmp_path, name)
    missing = raw_folder(tmp_path, name) / DATASETS[name].files["train", "images"]
    assert str(caught.value) == f"{name} is not on this machine: {missing} is missing."


def test_one_missing_file_of_four_is_a_missing_dataset(data_dir: Path) -> None:
    (raw_folder(data_dir, "mnist") / TEST_LABELS).unlink()
    with pytest.raises(DatasetMissingError, match=TEST_LABELS):
        inspect(data_dir, "mnist")


def test_a_truncated_file_is_damaged(data_dir: Path) -> None:
    whole = content_of(data_dir, TRAIN_IMAGES)
    assert "it has 15,695 bytes, not 15,696" in damaged(data_dir, TRAIN_IMAGES, whole[:-1])
    assert "it ends after 7 bytes" in damaged(data_dir, TRAIN_IMAGES, whole[:7])
    assert "it ends after 0 bytes" in damaged(data_dir, TRAIN_IMAGES, b"")


def test_a_file_that_is_too_long_is_damaged(data_dir: Path) -> None:
    whole = content_of(data_dir, TRAIN_LABELS)
    assert "it has 29 bytes, not 28" in damaged(data_dir, TRAIN_LABELS, whole + b"\0")


def test_a_file_of_another_kind_is_damaged(data_dir: Path) -> None:
    gzipped = b"\x1f\x8b" + bytes(100)
    assert "not an idx file of images" in damaged(data_dir, TRAIN_IMAGES, gzipped)


def test_labels_in_the_place_of_images_are_damaged(data_dir: Path) -> None:
    labels = content_of(data_dir, TRAIN_LABELS)
    assert "not an idx file of images" in damaged(data_dir, TRAIN_IMAGES, labels)


def test_images_in_the_place_of_labels_are_damaged(data_dir: Path) -> None:
    images = content_of(data_dir, TRAIN_IMAGES)
    assert "not an idx file of labels" in damaged(data_dir, TRAIN_LABELS, images)


def test_images_of_another_size_are_damaged(data_dir: Path) -> None:
    header = b"\0\0\x08\x03" + b"\0\0\0\x01" + b"\0\0\0\x20" * 2
    assert "its images are 32×32, not 28×28" in damaged(
        data_dir, TRAIN_IMAGES, header + bytes(32 * 32)
    )


def test_a_label_above_nine_is_damaged(data_dir: Path) -> None:
    whole = content_of(data_dir, TRAIN_LABELS)
    assert "it has a label 10, more than 9" in damaged(data_dir, TRAIN_LABELS, whole[:-1] + b"\n")


def test_images_and_labels_of_different_number_are_damaged(data_dir: Path) -> None:
    folder = raw_folder(data_dir, "mnist")
    write_idx(folder / TRAIN_LABELS, np.zeros(19, dtype=np.uint8))
    with pytest.raises(DatasetDamagedError) as caught:
        inspect(data_dir, "mnist")
    assert str(caught.value) == (
        f"mnist has 20 train images but 19 labels in {folder};"
        " delete the folder and try again, or choose another with --data-dir."
    )


def test_a_changed_byte_is_found_by_the_published_checksum(data_dir: Path) -> None:
    with pytest.raises(DatasetDamagedError, match="its checksum is not the published one"):
        verify_checksums(raw_folder(data_dir, "mnist"), "mnist")


def test_a_dataset_without_published_checksums_passes(tmp_path: Path) -> None:
    verify_checksums(tmp_path, "digits")


def test_the_real_mnist_is_sound(mnist_dir: Path) -> None:
    sizes = inspect(mnist_dir, "mnist")
    assert (sizes.num_train, sizes.num_test) == (60_000, 10_000)
    assert sizes.train == (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    assert sizes.test == (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    assert sizes.joined[0] == 6903
    verify_checksums(raw_folder(mnist_dir, "mnist"), "mnist")


def test_the_data_folder_is_option_then_variable_then_setting_then_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MNIST_TUI_DATA", "/from/variable")
    assert find_data_dir("option", "/from/setting") == tmp_path / "option"
    assert find_data_dir(None, "/from/setting") == Path("/from/variable")
    monkeypatch.delenv("MNIST_TUI_DATA")
    assert find_data_dir(None, "/from/setting") == Path("/from/setting")
    assert find_data_dir(None).name == "mnist-tui"


# The datasets whose files are not like MNIST's


def write_qmnist(data_dir: Path, labels: np.ndarray) -> Path:
    """Write QMNIST's files with `labels` (N, 8) for the training images and return theirs."""
    info = DATASETS["qmnist"]
    folder = raw_folder(data_dir, "qmnist")
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        write_idx(folder / info.files[split, "images"], np.zeros((len(labels), 28, 28), np.uint8))
        path = folder / info.files[split, "labels"]
        header = np.array([0x0C02, *labels.shape], dtype=">i4")
        path.write_bytes(header.tobytes() + labels.astype(">i4").tobytes())
    return folder / info.files["train", "labels"]


def test_qmnist_has_eight_numbers_for_each_image_and_the_first_is_its_class(
    tmp_path: Path,
) -> None:
    labels = np.arange(96, dtype=np.int64).reshape(12, 8) * 999
    labels[:, 0] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
    write_qmnist(tmp_path, labels)
    assert list(labels_of(tmp_path, "qmnist", "train").classes) == labels[:, 0].tolist()
    assert inspect(tmp_path, "qmnist").train == (0, 2, 1, 2, 1, 3, 1, 0, 1, 1)


@pytest.mark.parametrize(
    ("label", "words"), [(10, "a label 10, more than 9"), (259, "a label of more than 255")]
)
def test_a_label_of_qmnist_that_is_no_digit_is_damaged(
    tmp_path: Path, label: int, words: str
) -> None:
    labels = np.zeros((5, 8), dtype=np.int64)
    labels[4, 0] = label
    write_qmnist(tmp_path, labels)
    with pytest.raises(DatasetDamagedError, match=words):
        inspect(tmp_path, "qmnist")


def test_labels_of_qmnist_that_end_too_early_are_damaged(tmp_path: Path) -> None:
    path = write_qmnist(tmp_path, np.zeros((5, 8), dtype=np.int64))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetDamagedError, match="it has 171 bytes, not 172"):
        inspect(tmp_path, "qmnist")


def write_letters(data_dir: Path, labels: list[int]) -> None:
    info = DATASETS["emnist-letters"]
    folder = raw_folder(data_dir, "emnist-letters")
    folder.mkdir(parents=True)
    pixels = np.arange(len(labels) * 784).reshape(-1, 28, 28) % 251
    for split in ("train", "test"):
        write_idx(folder / info.files[split, "images"], pixels.astype(np.uint8))
        write_idx(folder / info.files[split, "labels"], np.array(labels, dtype=np.uint8))


def test_the_letters_of_emnist_are_numbered_from_one_in_the_file_and_are_classes_from_zero(
    tmp_path: Path,
) -> None:
    write_letters(tmp_path, [1, 26, 2, 2])
    assert list(labels_of(tmp_path, "emnist-letters", "train").classes) == [0, 25, 1, 1]
    assert inspect(tmp_path, "emnist-letters").train[:2] == (1, 2)
    assert [DATASETS["emnist-letters"].classes[number] for number in (0, 25, 1)] == list("AZB")


@pytest.mark.parametrize(
    ("label", "words"), [(0, "a label 0, less than 1"), (27, "a label 27, more than 26")]
)
def test_a_label_that_is_no_letter_is_damaged(tmp_path: Path, label: int, words: str) -> None:
    write_letters(tmp_path, [1, label])
    with pytest.raises(DatasetDamagedError, match=words):
        inspect(tmp_path, "emnist-letters")


@pytest.mark.parametrize("split", ["letters", "balanced", "digits"])
def test_emnist_is_as_torchvision_gives_it(tmp_path: Path, split: str) -> None:
    from torchvision.datasets import EMNIST

    name = f"emnist-{split}"
    write_letters(tmp_path, [1, 9, 2, 5])
    for part in ("train", "test"):
        for kind in ("images", "labels"):
            path = raw_folder(tmp_path, name) / DATASETS["emnist-letters"].files[part, kind]
            path.rename(path.with_name(DATASETS[name].files[part, kind]))
    theirs = EMNIST(tmp_path, split=split, train=False)
    images, classes = load_split(tmp_path, name, "test")
    assert np.array_equal(images, theirs.data.numpy())
    # torchvision has a class "N/A" before the letters.
    assert np.array_equal(classes, theirs.targets.numpy() - (split == "letters"))
    assert [word.lower() for word in DATASETS[name].classes] == [
        word.lower() for word in theirs.classes if word != "N/A"
    ]


def test_qmnist_is_as_torchvision_gives_it(tmp_path: Path) -> None:
    from torchvision.datasets import QMNIST

    labels = np.arange(96, dtype=np.int64).reshape(12, 8) % 10
    write_qmnist(tmp_path, labels)
    theirs = QMNIST(tmp_path, train=True)
    images, classes = load_split(tmp_path, "qmnist", "train")
    assert np.array_equal(images, theirs.data.numpy())
    assert classes.tolist() == [theirs[number][1] for number in range(12)]
