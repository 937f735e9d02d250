"""Dataset folders: presence, validity and content of their files. No numpy, no torch.

Files lie in torchvision's layout, `DATA/MNIST/raw/train-images-idx3-ubyte` and so on, uncompressed.
The idx format: http://yann.lecun.com/exdb/mnist (big-endian magic, sizes, then bytes).
"""

from __future__ import annotations

import hashlib
import os
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, FILES, IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_files import check_images, damaged, read_labels
from mnist_tui.storage.datasets.user_datasets import own_checksum, own_folder, own_info
from mnist_tui.storage.errors import DatasetDamagedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.datasets.dataset_catalog import DatasetInfo
    from mnist_tui.storage.datasets.dataset_files import Labels


@dataclass(frozen=True)
class DatasetSizes:
    """Images of each class, from class 0, in the training and in the test file."""

    train: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def num_train(self) -> int:
        """Images of the training file."""
        return sum(self.train)

    @property
    def num_test(self) -> int:
        """Images of the test file."""
        return sum(self.test)

    @property
    def joined(self) -> tuple[int, ...]:
        """Images of each class in both files together."""
        return tuple(map(sum, zip(self.train, self.test, strict=True)))


def dataset_info(data_dir: Path, name: str) -> DatasetInfo:
    """Return what there is to know of a published dataset, or of a user's in `data_dir`.

    Raises:
        DatasetMissingError: It is neither.
        DatasetDamagedError: Its description cannot be read.
    """
    return DATASETS[name] if name in DATASETS else own_info(data_dir, name)


def class_names(data_dir: Path, name: str, count: int) -> tuple[str, ...]:
    """Return what `count` classes stand for; numbers where the dataset is gone or has others."""
    try:
        known = dataset_info(data_dir, name).classes
    except StorageError:
        known = ()
    return known if len(known) == count else tuple(map(str, range(count)))


def raw_folder(data_dir: Path, name: str) -> Path:
    """Return the folder that holds the four files of dataset `name`."""
    known = DATASETS.get(name)
    return (data_dir / known.folder if known else own_folder(data_dir, name)) / "raw"


def file_names(name: str) -> Mapping[tuple[str, str], str]:
    """Return the names of the four files, by split (train or test) and kind (images or labels)."""
    return DATASETS[name].files if name in DATASETS else FILES


def file_of(data_dir: Path, name: str, split: str, kind: str) -> Path:
    """Return where dataset `name` has its images or labels (`kind`) of a split (train or test)."""
    return raw_folder(data_dir, name) / file_names(name)[split, kind]


def siblings(name: str) -> list[str]:
    """Return the published datasets that come in one archive with `name`, itself among them."""
    return [other.name for other in DATASETS.values() if other.folder == DATASETS[name].folder]


def inspect(data_dir: Path, name: str) -> DatasetSizes:
    """Check headers, sizes and labels of a dataset's files and return how many images there are.

    Raises:
        DatasetMissingError: A file is not there.
        DatasetDamagedError: A file is truncated, too long, not idx, or has impossible labels.
    """
    return DatasetSizes(
        train=labels_of(data_dir, name, "train").counts,
        test=labels_of(data_dir, name, "test").counts,
    )


def labels_of(data_dir: Path, name: str, split: str) -> Labels:
    """Return the classes of the images of a split (train or test), whose files are checked.

    Raises:
        DatasetMissingError: A file is not there.
        DatasetDamagedError: A file is truncated, too long, not idx, or has impossible labels.
    """
    info = dataset_info(data_dir, name)
    num_images = check_images(file_of(data_dir, name, split, "images"), name, IMAGE_SIDE)
    labels = read_labels(
        file_of(data_dir, name, split, "labels"), name, len(info.classes), info.first_label
    )
    if num_images != len(labels.classes):
        raise DatasetDamagedError(
            f"{name} has {num_images:,} {split} images but {len(labels.classes):,} labels in"
            f" {raw_folder(data_dir, name)};"
            " delete the folder and try again, or choose another with --data-dir."
        )
    return labels


def checksum(data_dir: Path, name: str) -> str:
    """Return a CRC-32 over all images, then all classes as int64, train before test.

    Raises:
        StorageError: A file is missing or damaged.
    """
    splits = ("train", "test")
    classes = [labels_of(data_dir, name, split).classes for split in splits]
    crc = 0
    for split in splits:
        crc = zlib.crc32(file_of(data_dir, name, split, "images").read_bytes()[16:], crc)
    for each in classes:
        crc = zlib.crc32(array("q", list(each)), crc)
    return f"{crc:08x}"


def verify_checksums(folder: Path, name: str) -> None:
    """Compare the files in `folder` with the published checksums, if any.

    Raises:
        DatasetDamagedError: A file differs.
    """
    for file_name, expected in DATASETS[name].md5.items():
        path = folder / file_name
        with path.open("rb") as file:
            actual = hashlib.file_digest(
                file, lambda: hashlib.md5(usedforsecurity=False)
            ).hexdigest()
        if actual != expected:
            raise damaged(path, "its checksum is not the published one")


def verify(data_dir: Path, name: str) -> None:
    """Compare a dataset with its published checksums, or one of the user's with its name.

    Raises:
        DatasetMissingError: It is not here.
        DatasetDamagedError: A file differs.
    """
    if name in DATASETS:
        verify_checksums(raw_folder(data_dir, name), name)
        return
    expected = own_checksum(checksum(data_dir, name), dataset_info(data_dir, name).classes)
    if not name.endswith(f"-{expected}"):
        raise damaged(raw_folder(data_dir, name), "it is not what its name says")


def find_data_dir(option: str | None, setting: str | None = None) -> Path:
    """Return the dataset folder: option, `$MNIST_TUI_DATA`, setting, or the user's cache."""
    chosen = option or os.environ.get("MNIST_TUI_DATA") or setting
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 — 5 ms, not needed where the folder is named

    return Path(platformdirs.user_cache_dir("mnist-tui"))
