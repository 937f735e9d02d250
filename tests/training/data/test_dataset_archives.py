"""Datasets whose archives are not like MNIST's: QMNIST's names and labels, all of EMNIST in one."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import inspect, raw_folder
from mnist_tui.storage.errors import DatasetMissingError
from mnist_tui.training.data.dataset_download import download_dataset
from tests.sizes import sized
from tests.training.data.test_dataset_download import compressed, ignore, left_in, mirror

if TYPE_CHECKING:
    from pathlib import Path

    from tests.training.mirror import Mirror

__all__ = ["mirror"]


def tiny_files(name: str) -> dict[str, bytes]:
    """The four files of a dataset of a few images, by name."""
    info = DATASETS[name]
    files: dict[str, bytes] = {}
    for split, count in (("train", 30), ("test", 10)):
        pixels = np.arange(count * 784, dtype=np.uint32) % 251
        images = pixels.astype(np.uint8).reshape(count, 28, 28)
        classes = np.arange(count) % 10 + info.first_label
        header = np.array([0x0803, *images.shape], dtype=">i4").tobytes()
        files[info.files[split, "images"]] = header + images.tobytes()
        if name == "qmnist":
            labels = np.repeat(classes, 8).astype(">i4").tobytes()
            header = np.array([0x0C02, count, 8], dtype=">i4").tobytes()
        else:
            labels = classes.astype(np.uint8).tobytes()
            header = np.array([0x0801, count], dtype=">i4").tobytes()
        files[info.files[split, "labels"]] = header + labels
    return files


def test_qmnist_is_downloaded_under_the_names_of_torchvision(
    tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import QMNIST

    files = tiny_files("qmnist")
    mirror.contents = compressed(files)
    published = {
        split: [
            (url, hashlib.md5(mirror.contents[url.rpartition("/")[2]]).hexdigest())
            for url, _ in QMNIST.resources[split]
        ]
        for split in ("train", "test")
    }
    monkeypatch.setattr(QMNIST, "resources", published)
    download_dataset("qmnist", tmp_path, ignore, mirror=mirror.url)
    assert inspect(tmp_path, "qmnist") == sized(30, 10)
    assert left_in(raw_folder(tmp_path, "qmnist")) == set(files)
    assert len(QMNIST(tmp_path, train=False)) == 10


EMNIST_NAMES = ("emnist-letters", "emnist-balanced", "emnist-digits")


@pytest.fixture
def emnist_files(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files of EMNIST; the mirror has the archive of them and of others."""
    files: dict[str, bytes] = {}
    for name in EMNIST_NAMES:
        files |= tiny_files(name)
    publish_emnist(mirror, monkeypatch, {**files, "emnist-byclass-mapping.txt": b"0 48"})
    return files


def publish_emnist(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    from torchvision.datasets import EMNIST

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, file in files.items():
            archive.writestr(f"gzip/{name}.gz", gzip.compress(file))
    mirror.contents = {"gzip.zip": buffer.getvalue()}
    monkeypatch.setattr(EMNIST, "md5", hashlib.md5(buffer.getvalue()).hexdigest())


def test_one_download_of_emnist_brings_every_dataset_of_it(
    tmp_path: Path, mirror: Mirror, emnist_files: dict[str, bytes]
) -> None:
    told: list[str] = []
    download_dataset("emnist-letters", tmp_path / "data", told.append, mirror=mirror.url)
    assert told == ["Downloading emnist-letters: file 1 of 1", "Unpacking emnist-letters"]
    assert left_in(raw_folder(tmp_path / "data", "emnist-letters")) == set(emnist_files)
    assert left_in(tmp_path / "data") == {"EMNIST", ".EMNIST.lock"}
    before = mirror.num_requests
    for name in EMNIST_NAMES:
        download_dataset(name, tmp_path / "data", ignore, mirror=mirror.url)
        assert inspect(tmp_path / "data", name).num_train == 30
    assert mirror.num_requests == before


def test_a_damaged_dataset_does_not_stand_in_the_way_of_another_of_its_archive(
    tmp_path: Path, mirror: Mirror, emnist_files: dict[str, bytes]
) -> None:
    raw = raw_folder(tmp_path / "data", "emnist-digits")
    raw.mkdir(parents=True)
    damaged = raw / DATASETS["emnist-digits"].files["train", "labels"]
    damaged.write_bytes(b"mine")
    download_dataset("emnist-letters", tmp_path / "data", ignore, mirror=mirror.url)
    assert inspect(tmp_path / "data", "emnist-letters").num_test == 10
    assert inspect(tmp_path / "data", "emnist-balanced").num_test == 10
    assert damaged.read_bytes() == b"mine"


def test_an_archive_without_a_file_says_which(
    tmp_path: Path,
    mirror: Mirror,
    emnist_files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del emnist_files["emnist-digits-test-labels-idx1-ubyte"]
    publish_emnist(mirror, monkeypatch, emnist_files)
    with pytest.raises(DatasetMissingError) as caught:
        download_dataset("emnist-letters", tmp_path / "data", ignore, mirror=mirror.url)
    assert "no sound emnist-digits-test-labels-idx1-ubyte.gz" in str(caught.value)
    assert left_in(tmp_path / "data") == {".EMNIST.lock"}
