"""Parser of the out-of-distribution images to test: signs, a folder of pictures, or a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.dataset_folder import file_of
from mnist_tui.storage.datasets.user_datasets import is_own_name
from mnist_tui.training.analysis.outlier_source import MAX_IMAGES
from mnist_tui.training.parameters.image_sources import SIGNS, OutlierSource

if TYPE_CHECKING:
    from collections.abc import Iterable

SIGNS_WORD = "signs"
DEFAULT_COUNT = 100
"""Images of a dataset that are tested if the text has no number."""


def source_meant(text: str, own_dataset: str, data_dirs: Iterable[Path]) -> OutlierSource:
    """Return the images that `text` names: signs, a path with a slash, or DATASET [COUNT].

    Args:
        text: The text that the user typed.
        own_dataset: The dataset that the model was trained on, which is refused.
        data_dirs: The folders to search for a dataset, in order.

    Raises:
        ValueError: The text names no images; the message is a few words for the user.
    """
    if text in ("", SIGNS_WORD):
        return SIGNS
    if "/" in text or text.startswith(("~", ".")):
        folder = _absolute(text)
        if not folder.is_dir():
            raise ValueError("there is no such folder")
        return OutlierSource(kind="folder", path=str(folder))
    name, _, number = text.partition(" ")
    if name not in DATASETS and not is_own_name(name):
        raise ValueError("there is no such dataset; a folder has a / in it")
    if name == own_dataset:
        raise ValueError("that is what it was trained on")
    for data_dir in data_dirs:
        if file_of(data_dir, name, "test", "images").exists():
            return OutlierSource(
                kind="dataset", path=str(data_dir), dataset=name, count=_count(number.strip())
            )
    raise ValueError(f"{name} is not on this machine")


def _absolute(text: str) -> Path:
    """Return an absolute path: the process that reads the pictures may run in another folder."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("nobody has that home folder") from error


def _count(number: str) -> int:
    if not number:
        return DEFAULT_COUNT
    if number.isascii() and number.isdigit() and 1 <= int(number) <= MAX_IMAGES:
        return int(number)
    raise ValueError(f"a number of images is 1 to {MAX_IMAGES:,}")
