"""Download of a dataset, or its conversion from the digits that scikit-learn ships.

For a task process: it may take minutes, loads scikit-learn or torchvision, and sets the process's
socket timeout. Files appear only when all four are checked, each by rename.
"""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_catalog import DATASETS, FILES, IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_folder import inspect, raw_folder, siblings
from mnist_tui.storage.datasets.idx_files import publish, write_idx
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError
from mnist_tui.training.data.dataset_publication import locked, temp_folder
from mnist_tui.training.data.torchvision_download import DownloadError, download

if TYPE_CHECKING:
    from collections.abc import Callable

NUM_DIGITS_TEST = 297
"""Of 1,797 digits; 1,500 are left for training."""


def run_task(arguments: dict[str, Any], on_progress: Callable[[str], None]) -> None:
    """Download the dataset of `arguments`: name, data_dir and mirror."""
    data_dir = Path(arguments["data_dir"])
    download_dataset(arguments["name"], data_dir, on_progress, mirror=arguments.get("mirror"))


def download_dataset(
    name: str,
    data_dir: Path,
    on_progress: Callable[[str], None],
    *,
    mirror: str | None = None,
    idle_timeout_s: float = 30.0,
) -> None:
    """Make dataset `name` available in `data_dir`; return at once if it is there already.

    Args:
        name: A dataset of `storage.datasets.dataset_catalog.DATASETS`.
        data_dir: The dataset folder; created if missing.
        on_progress: Takes a text for the user.
        mirror: URL of a folder with the four compressed files, instead of the usual ones.
        idle_timeout_s: Seconds without a byte after which the download from a server fails.

    Raises:
        DatasetMissingError: It could not be downloaded.
        DatasetDamagedError: A file that is there is damaged; it is left as it is.
        StorageError: The folder cannot be written, or holds other files under these names.
    """
    if _is_here(name, data_dir):
        return
    folder = DATASETS[name].folder
    with locked(data_dir, folder, name, on_progress):
        if _is_here(name, data_dir):
            return
        with temp_folder(data_dir, folder) as temp:
            raw = raw_folder(temp, name)
            raw.mkdir(parents=True)
            if DATASETS[name].torchvision_class is None:
                on_progress(f"Converting {name} to {IMAGE_SIDE}×{IMAGE_SIDE} pixels")
                _convert_digits(raw)
            else:
                _download(name, data_dir, temp, on_progress, mirror, idle_timeout_s)
            _require_same(raw, data_dir, name)
            publish(raw, data_dir, name)
            for sibling in siblings(name):
                if not _has_any_file(sibling, data_dir):
                    publish(raw, data_dir, sibling)


def _is_here(name: str, data_dir: Path) -> bool:
    try:
        inspect(data_dir, name)
    except DatasetMissingError:
        return False
    return True


def _has_any_file(name: str, data_dir: Path) -> bool:
    folder = raw_folder(data_dir, name)
    return any((folder / file_name).exists() for file_name in DATASETS[name].files.values())


def _download(
    name: str,
    data_dir: Path,
    temp: Path,
    on_progress: Callable[[str], None],
    mirror: str | None,
    idle_timeout_s: float,
) -> None:
    try:
        download(
            name, raw_folder(temp, name), on_progress, mirror=mirror, idle_timeout_s=idle_timeout_s
        )
        inspect(temp, name)
    except DownloadError as error:
        why = str(error)
    except DatasetDamagedError:
        why = "what came is not a dataset of 28×28 images"
    else:
        return
    raise DatasetMissingError(
        f"{name} is not on this machine and the download failed ({why}). Put its four files in"
        f" {raw_folder(data_dir, name)} or name their folder with --data-dir."
    )


def _convert_digits(raw: Path) -> None:
    """Write scikit-learn's digits, 8×8 in 0..16, as 28×28 in 0..255: 1,500 train and 297 test.

    Source: Alpaydin, Kaynak 1998, "Optical recognition of handwritten digits", UCI repository.
    """
    import numpy as np  # noqa: PLC0415 — tasks only
    import torch  # noqa: PLC0415 — tasks only, 1.4 s unless preloaded
    from sklearn.datasets import load_digits  # noqa: PLC0415 — 1.1 s and 126 MB, tasks only
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 — the same

    small, labels = load_digits(return_X_y=True)
    scaled = torch.nn.functional.interpolate(
        torch.from_numpy(small).reshape(-1, 1, 8, 8) * (255 / 16),
        size=(IMAGE_SIDE, IMAGE_SIDE),
        mode="bilinear",
    )
    images = scaled.squeeze(1).round().to(torch.uint8).numpy()
    splits = train_test_split(
        images, labels.astype(np.uint8), test_size=NUM_DIGITS_TEST, stratify=labels, random_state=0
    )
    train_images, test_images, train_labels, test_labels = splits
    write_idx(raw / FILES["train", "images"], train_images)
    write_idx(raw / FILES["train", "labels"], train_labels)
    write_idx(raw / FILES["test", "images"], test_images)
    write_idx(raw / FILES["test", "labels"], test_labels)


def _require_same(new: Path, data_dir: Path, name: str) -> None:
    """Refuse to replace a file of an incomplete set by another content."""
    for file_name in DATASETS[name].files.values():
        path = raw_folder(data_dir, name) / file_name
        if path.exists() and not filecmp.cmp(path, new / file_name, shallow=False):
            raise DatasetDamagedError(
                f"The dataset file {path} is not the published one, and others of its set are"
                " missing; move it away and try again, or choose another folder with --data-dir."
            )
