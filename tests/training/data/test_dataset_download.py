from __future__ import annotations

import dataclasses
import gzip
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, FILES
from mnist_tui.storage.datasets.dataset_folder import inspect, raw_folder
from mnist_tui.storage.datasets.idx_files import load_split, write_idx
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError, StorageError
from mnist_tui.training.data.dataset_download import download_dataset
from tests.sizes import sized
from tests.training.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import Iterator

NUM_FILES = 4


def tiny_mnist(folder: Path) -> dict[str, bytes]:
    """Thirty training and ten test images under MNIST's names; DATASETS then expects them."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", 30), ("test", 10)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        write_idx(folder / FILES[split, "images"], images)
        write_idx(folder / FILES[split, "labels"], np.arange(count, dtype=np.uint8) % 10)
    files = {name: (folder / name).read_bytes() for name in FILES.values()}
    md5 = {name: hashlib.md5(file).hexdigest() for name, file in files.items()}
    DATASETS["mnist"] = dataclasses.replace(DATASETS["mnist"], md5=md5)
    return files


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setitem(DATASETS, "mnist", DATASETS["mnist"])
    made = Mirror(compressed(tiny_mnist(tmp_path / "published")))
    yield made
    made.close()


def compressed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(file) for name, file in files.items()}


def ignore(_text: str) -> None:
    pass


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# Download


def test_a_dataset_is_downloaded_checked_and_published(tmp_path: Path, mirror: Mirror) -> None:
    told: list[str] = []
    data_dir = tmp_path / "new" / "data"
    download_dataset("mnist", data_dir, told.append, mirror=mirror.url)
    assert inspect(data_dir, "mnist") == sized(30, 10)
    for name in FILES.values():
        here, there = raw_folder(data_dir, "mnist") / name, tmp_path / "published" / name
        assert here.read_bytes() == there.read_bytes()
    assert told == [f"Downloading mnist: file {n} of 4" for n in (1, 2, 3, 4)]
    assert left_in(data_dir) == {"MNIST", ".MNIST.lock"}
    assert left_in(raw_folder(data_dir, "mnist")) == set(FILES.values())


def test_what_is_there_is_not_downloaded_again(tmp_path: Path, mirror: Mirror) -> None:
    download_dataset("mnist", tmp_path / "data", ignore, mirror=mirror.url)
    before = mirror.num_requests
    told: list[str] = []
    download_dataset("mnist", tmp_path / "data", told.append, mirror=mirror.url)
    assert mirror.num_requests == before
    assert told == []


def failure(tmp_path: Path, url: str, idle_timeout_s: float = 30.0) -> str:
    data_dir = tmp_path / "data"
    with pytest.raises(DatasetMissingError) as caught:
        download_dataset("mnist", data_dir, ignore, mirror=url, idle_timeout_s=idle_timeout_s)
    assert left_in(data_dir) == {".MNIST.lock"}
    text = str(caught.value)
    assert text.startswith("mnist is not on this machine and the download failed (")
    assert text.endswith(
        f"). Put its four files in {raw_folder(data_dir, 'mnist')}"
        " or name their folder with --data-dir."
    )
    return text


def test_without_a_server_the_sentence_says_what_to_do(tmp_path: Path, mirror: Mirror) -> None:
    mirror.close()
    assert "Connection refused" in failure(tmp_path, mirror.url)


def test_a_server_without_the_files(tmp_path: Path, mirror: Mirror) -> None:
    mirror.contents.clear()
    assert "404" in failure(tmp_path, mirror.url)


def test_a_url_that_is_none(tmp_path: Path) -> None:
    assert "unknown url type" in failure(tmp_path, "nowhere")


def test_a_truncated_file(tmp_path: Path, mirror: Mirror) -> None:
    path = "train-images-idx3-ubyte.gz"
    mirror.contents[path] = mirror.contents[path][:-100]
    assert "incomplete or damaged" in failure(tmp_path, mirror.url)


def test_a_file_that_is_not_compressed(tmp_path: Path, mirror: Mirror) -> None:
    mirror.contents["t10k-images-idx3-ubyte.gz"] = b"<html>Sign in to this network</html>"
    failure(tmp_path, mirror.url)


def test_a_file_with_another_content(tmp_path: Path, mirror: Mirror) -> None:
    path = "train-labels-idx1-ubyte.gz"
    labels = bytearray(gzip.decompress(mirror.contents[path]))
    labels[-1] ^= 1
    mirror.contents[path] = gzip.compress(bytes(labels))
    assert "not the published dataset" in failure(tmp_path, mirror.url)


def test_a_server_that_stalls(tmp_path: Path, mirror: Mirror) -> None:
    mirror.may_answer.clear()
    assert "sent nothing for 0.2 s" in failure(tmp_path, mirror.url, idle_timeout_s=0.2)


def test_a_dataset_without_known_checksums_must_have_the_published_archives(
    tmp_path: Path, mirror: Mirror
) -> None:
    with pytest.raises(DatasetMissingError, match="incomplete or damaged"):
        download_dataset("kmnist", tmp_path / "data", ignore, mirror=mirror.url)


def test_two_processes_at_once_download_only_once(tmp_path: Path, mirror: Mirror) -> None:
    mirror.may_answer.clear()
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.training.data.test_dataset_download import ignore, tiny_mnist\n"
        "from mnist_tui.training.data.dataset_download import download_dataset\n"
        "tiny_mnist(Path(sys.argv[1]) / 'again')\n"
        "download_dataset('mnist', Path(sys.argv[1]) / 'data', ignore, mirror=sys.argv[2])\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), mirror.url], cwd=Path(__file__).parents[3]
    )
    try:
        assert mirror.is_asked.wait(60)
        told: list[str] = []

        def hear(text: str) -> None:
            told.append(text)
            mirror.may_answer.set()

        download_dataset("mnist", tmp_path / "data", hear, mirror=mirror.url)
        assert other.wait(60) == 0
    finally:
        other.kill()
        other.wait()
    assert told == ["Another process is getting mnist; waiting for it"]
    # torchvision asks for each file twice: for redirects, and for the content.
    assert mirror.num_requests == 2 * NUM_FILES


# What is there already


def test_a_damaged_file_is_left_as_it_is(tmp_path: Path, mirror: Mirror) -> None:
    raw = raw_folder(tmp_path, "mnist")
    tiny_mnist(raw)
    damaged = raw / FILES["train", "images"]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    content = damaged.read_bytes()
    with pytest.raises(DatasetDamagedError, match="bytes, not"):
        download_dataset("mnist", tmp_path, ignore, mirror=mirror.url)
    assert damaged.read_bytes() == content
    assert mirror.num_requests == 0


def test_missing_files_of_a_set_are_added(tmp_path: Path, mirror: Mirror) -> None:
    tiny_mnist(raw_folder(tmp_path, "mnist"))
    (raw_folder(tmp_path, "mnist") / FILES["test", "labels"]).unlink()
    download_dataset("mnist", tmp_path, ignore, mirror=mirror.url)
    assert inspect(tmp_path, "mnist") == sized(30, 10)


def test_a_file_of_ones_own_is_not_replaced(tmp_path: Path, mirror: Mirror) -> None:
    mine = raw_folder(tmp_path, "mnist") / FILES["test", "labels"]
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(DatasetDamagedError, match="is not the published one"):
        download_dataset("mnist", tmp_path, ignore, mirror=mirror.url)
    assert mine.read_bytes() == b"mine"
    assert left_in(mine.parent) == {mine.name}


def test_leftovers_of_a_killed_download_are_removed(tmp_path: Path, mirror: Mirror) -> None:
    (tmp_path / "data" / ".tmp-MNIST-killed" / "MNIST").mkdir(parents=True)
    download_dataset("mnist", tmp_path / "data", ignore, mirror=mirror.url)
    assert left_in(tmp_path / "data") == {"MNIST", ".MNIST.lock"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, mirror: Mirror) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "data"
    with pytest.raises(StorageError, match=r"cannot be written \(.*\).*--data-dir") as caught:
        download_dataset("mnist", folder, ignore, mirror=mirror.url)
    assert str(folder) in str(caught.value)
    assert mirror.num_requests == 0


# Digits


def test_digits_need_no_network_and_are_always_the_same(tmp_path: Path) -> None:
    told: list[str] = []
    for folder in ("one", "two"):
        download_dataset("digits", tmp_path / folder, told.append)
    sizes = inspect(tmp_path / "one", "digits")
    assert (sizes.num_train, sizes.num_test) == (1500, 297)
    for name in FILES.values():
        one, two = (raw_folder(tmp_path / folder, "digits") / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert told == ["Converting digits to 28×28 pixels"] * 2
    assert left_in(tmp_path / "one") == {"Digits", ".Digits.lock"}


def test_digits_are_the_handwritten_ones_in_full_range_and_evenly_split(tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    download_dataset("digits", tmp_path, ignore)
    images, labels = load_split(tmp_path, "digits", "train")
    test_images, test_labels = load_split(tmp_path, "digits", "test")
    assert images.min() == 0
    assert images.max() == 255
    shares = np.bincount(labels, minlength=10) / 1500 - np.bincount(test_labels) / 297
    assert np.abs(shares).max() < 0.005
    # Small originals, found again by their own class and shrunken looks.
    originals, classes = load_digits(return_X_y=True)
    centers = (3.5 * np.arange(8) + 1.75).astype(int)
    shrunken = test_images[:, centers][:, :, centers].reshape(-1, 64) * (16 / 255)
    nearest = np.array([np.abs(originals - one).sum(axis=1).argmin() for one in shrunken])
    assert np.array_equal(classes[nearest], test_labels)
