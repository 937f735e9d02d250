"""Catalog of published datasets: files, sources, classes and checksums. No numpy, no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Names of the classes 0, 1, 2, …"""
    first_label: int = 0
    """The label of class 0 in the files."""
    is_transposed: bool = False
    """True if rows and columns of the images are exchanged, as torchvision returns them too."""
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
