"""Which datasets there are and whether their files are here and sound; no numpy, no torch.

Files lie in torchvision's layout, `DATA/MNIST/raw/train-images-idx3-ubyte` and so on, uncompressed.
The idx format: http://yann.lecun.com/exdb/mnist (big-endian magic, sizes, then bytes).
"""

from __future__ import annotations

import hashlib
import os
import zlib
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from storage.dataset_files import check_images, damaged, read_labels
from storage.errors import DatasetDamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.dataset_files import Labels

IMAGE_SIDE = 28

FILES: Mapping[tuple[str, str], str] = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}


DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class DatasetInfo:
    """One dataset: its folder, where it comes from and what its files must be."""

    name: str
    folder: str
    source: str
    torchvision_class: str | None
    """The class that downloads it; None for the embedded one, which a task converts."""
    classes: tuple[str, ...] = DIGITS
    """What the classes 0, 1, 2, … stand for."""
    first_label: int = 0
    """The label of class 0 in the files."""
    is_transposed: bool = False
    """Whether rows and columns of the images are exchanged, as torchvision gives them too."""
    files: Mapping[tuple[str, str], str] = field(default_factory=lambda: FILES)
    """The names of its four files, by split (train or test) and kind (images or labels)."""
    md5: Mapping[str, str] = field(default_factory=dict)
    """Published checksums of the extracted files, by file name."""


LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
MERGED = (*DIGITS, *LETTERS, *"abdefghnqrt")
"""Small letters that look like their capitals are taken for these."""


def _emnist(split: str, what: str, classes: tuple[str, ...], first_label: int = 0) -> DatasetInfo:
    return DatasetInfo(
        name=f"emnist-{split}",
        folder="EMNIST",
        source=f"Cohen et al. 2017: {what}; a download of 562 MB for all of EMNIST",
        torchvision_class="EMNIST",
        classes=classes,
        first_label=first_label,
        is_transposed=True,
        files={
            (part, kind): f"emnist-{split}-{part}-{kind}-{form}-ubyte"
            for part in ("train", "test")
            for kind, form in (("images", "idx3"), ("labels", "idx1"))
        },
    )


DATASETS: dict[str, DatasetInfo] = {
    dataset.name: dataset
    for dataset in (
        DatasetInfo(
            name="digits",
            folder="Digits",
            source="1,797 handwritten digits that scikit-learn ships, scaled to 28×28; no network",
            torchvision_class=None,
        ),
        DatasetInfo(
            name="mnist",
            folder="MNIST",
            source="LeCun, Cortes, Burges: 70,000 handwritten digits",
            torchvision_class="MNIST",
            md5={
                "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
                "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
                "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
                "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
            },
        ),
        DatasetInfo(
            name="fashion-mnist",
            folder="FashionMNIST",
            source="Zalando SE: 70,000 pictures of clothing",
            torchvision_class="FashionMNIST",
            classes=(
                "T-shirt",
                "trouser",
                "pullover",
                "dress",
                "coat",
                "sandal",
                "shirt",
                "sneaker",
                "bag",
                "boot",
            ),
        ),
        DatasetInfo(
            name="kmnist",
            folder="KMNIST",
            source="Clanuwat et al. 2018: 70,000 cursive Japanese characters",
            torchvision_class="KMNIST",
            classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        ),
        DatasetInfo(
            name="qmnist",
            folder="QMNIST",
            source="Yadav, Bottou 2019: MNIST rebuilt, with 60,000 test images",
            torchvision_class="QMNIST",
            files={
                ("train", "images"): "qmnist-train-images-idx3-ubyte",
                ("train", "labels"): "qmnist-train-labels-idx2-int",
                ("test", "images"): "qmnist-test-images-idx3-ubyte",
                ("test", "labels"): "qmnist-test-labels-idx2-int",
            },
        ),
        _emnist("letters", "145,600 letters, capital or small", LETTERS, first_label=1),
        _emnist("balanced", "131,600 digits and letters, of each as many", MERGED),
        _emnist("digits", "280,000 handwritten digits", DIGITS),
    )
}


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


def raw_folder(data_dir: Path, name: str) -> Path:
    """Return the folder that holds the four files of dataset `name`."""
    return data_dir / DATASETS[name].folder / "raw"


def file_of(data_dir: Path, name: str, split: str, kind: str) -> Path:
    """Return where dataset `name` has its images or labels (`kind`) of a split (train or test)."""
    return raw_folder(data_dir, name) / DATASETS[name].files[split, kind]


def siblings(name: str) -> list[str]:
    """Return the datasets that come in one archive with `name`, itself among them."""
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
    info = DATASETS[name]
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
    """Compare the files in `folder` with the published checksums, where there are some.

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


def find_data_dir(option: str | None, setting: str | None = None) -> Path:
    """Return the dataset folder: option, `$MNIST_TUI_DATA`, setting, or the user's cache."""
    chosen = option or os.environ.get("MNIST_TUI_DATA") or setting
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 — 5 ms, not needed where the folder is named

    return Path(platformdirs.user_cache_dir("mnist-tui"))
