"""Which datasets there are and whether their files are here and sound; no numpy, no torch.

Files lie in torchvision's layout, `DATA/MNIST/raw/train-images-idx3-ubyte` and so on, uncompressed.
The idx format: http://yann.lecun.com/exdb/mnist (big-endian magic, sizes, then bytes).
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import DatasetDamagedError, DatasetMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801
IMAGE_SIDE = 28
NUM_CLASSES = 10

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
    """What the labels 0, 1, 2, … stand for."""
    md5: Mapping[str, str] = field(default_factory=dict)
    """Published checksums of the extracted files, by file name."""


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
    )
}


@dataclass(frozen=True)
class DatasetSizes:
    """Images of each split, as the files' headers say."""

    num_train: int
    num_test: int


def raw_folder(data_dir: Path, name: str) -> Path:
    """Return the folder that holds the four files of dataset `name`."""
    return data_dir / DATASETS[name].folder / "raw"


def inspect(data_dir: Path, name: str) -> DatasetSizes:
    """Check headers, sizes and labels of a dataset's files and return how many images there are.

    Raises:
        DatasetMissingError: A file is not there.
        DatasetDamagedError: A file is truncated, too long, not idx, or has impossible labels.
    """
    folder = raw_folder(data_dir, name)
    counts: dict[str, int] = {}
    for split in ("train", "test"):
        images = _inspect_images(folder / FILES[split, "images"], name)
        labels = _inspect_labels(folder / FILES[split, "labels"], name)
        if images != labels:
            raise DatasetDamagedError(
                f"{name} has {images:,} {split} images but {labels:,} labels in {folder};"
                " delete the folder and try again, or choose another with --data-dir."
            )
        counts[split] = images
    return DatasetSizes(num_train=counts["train"], num_test=counts["test"])


def checksum(data_dir: Path, name: str) -> str:
    """Return a CRC-32 over all images, then all labels as int64, train before test.

    Raises:
        StorageError: A file is missing or damaged.
    """
    inspect(data_dir, name)
    folder = raw_folder(data_dir, name)
    crc = 0
    for split in ("train", "test"):
        crc = zlib.crc32((folder / FILES[split, "images"]).read_bytes()[16:], crc)
    for split in ("train", "test"):
        labels = array("q", list((folder / FILES[split, "labels"]).read_bytes()[8:]))
        crc = zlib.crc32(labels, crc)
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
            raise DatasetDamagedError(_damaged(path, "its checksum is not the published one"))


def _inspect_images(path: Path, name: str) -> int:
    header = _read_header(path, name, "IIII")
    magic, count, height, width = header
    if magic != IMAGES_MAGIC:
        raise DatasetDamagedError(_damaged(path, "it is not an idx file of images"))
    if (height, width) != (IMAGE_SIDE, IMAGE_SIDE):
        raise DatasetDamagedError(_damaged(path, f"its images are {height}×{width}, not 28×28"))
    _require_size(path, 16 + count * height * width)
    return count


def _inspect_labels(path: Path, name: str) -> int:
    magic, count = _read_header(path, name, "II")
    if magic != LABELS_MAGIC:
        raise DatasetDamagedError(_damaged(path, "it is not an idx file of labels"))
    _require_size(path, 8 + count)
    largest = max(path.read_bytes()[8:], default=0)
    if largest >= NUM_CLASSES:
        raise DatasetDamagedError(_damaged(path, f"it has a label {largest}, more than 9"))
    return count


def _read_header(path: Path, name: str, layout: str) -> tuple[int, ...]:
    size = struct.calcsize(f">{layout}")
    try:
        with path.open("rb") as file:
            head = file.read(size)
    except FileNotFoundError:
        raise DatasetMissingError(f"{name} is not on this machine: {path} is missing.") from None
    except OSError as error:
        raise DatasetMissingError(f"{path} cannot be read ({error.strerror}).") from error
    if len(head) < size:
        raise DatasetDamagedError(_damaged(path, f"it ends after {len(head)} bytes"))
    return struct.unpack(f">{layout}", head)


def _require_size(path: Path, expected: int) -> None:
    actual = os.stat(path).st_size  # noqa: PTH116 — one call, no object
    if actual != expected:
        raise DatasetDamagedError(_damaged(path, f"it has {actual:,} bytes, not {expected:,}"))


def _damaged(path: Path, why: str) -> str:
    return (
        f"The dataset file {path} is damaged: {why};"
        " delete it and try again, or choose another folder with --data-dir."
    )


def find_data_dir(option: str | None, setting: str | None = None) -> Path:
    """Return the dataset folder: option, `$MNIST_TUI_DATA`, setting, or the user's cache."""
    chosen = option or os.environ.get("MNIST_TUI_DATA") or setting
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 — 5 ms, not needed where the folder is named

    return Path(platformdirs.user_cache_dir("mnist-tui"))
