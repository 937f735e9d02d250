"""Import of a folder of pictures, with a folder for each class, as a dataset.

For a task process. The user's folder is only read; the dataset's name is derived from its content.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.datasets.dataset_catalog import FILES
from mnist_tui.storage.datasets.dataset_folder import inspect, verify
from mnist_tui.storage.datasets.idx_files import publish, write_idx
from mnist_tui.storage.datasets.user_datasets import (
    MAX_CLASSES,
    OWN_FOLDER,
    Description,
    own_checksum,
    own_name,
    write_description,
)
from mnist_tui.storage.errors import DatasetMissingError
from mnist_tui.training.data.dataset_publication import locked, temp_folder
from mnist_tui.training.data.image_files import BRIGHT, fitted, margin_of, read_grey, shrunk
from mnist_tui.training.parameters.image_sources import SUFFIXES, PictureError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

MAX_IMAGES = 500_000
MAX_CLASS_LENGTH = 40
TEST_SHARE = 0.2
"""Share of each class that tests, if the folder has no test pictures of its own."""
SEED = 0x0DA7A
"""Seed of the order of the pictures and of the choice of test pictures."""
TELL_EVERY = 500


class _ClassFolders(NamedTuple):
    """The pictures of a folder, by class."""

    classes: tuple[str, ...]
    train: list[list[Path]]
    test: list[list[Path]] | None
    """None if the folder does not separate training and test."""


def run_task(arguments: dict[str, Any], on_progress: Callable[[str], None]) -> str:
    """Import the folder of `arguments`: folder and data_dir; return the dataset's name."""
    return import_folder(Path(arguments["folder"]), Path(arguments["data_dir"]), on_progress)


def import_folder(folder: Path, data_dir: Path, on_progress: Callable[[str], None]) -> str:
    """Make a dataset of a folder of pictures, unless it is there already, and return its name.

    The folder has a folder of PNG or JPEG files for each class, or two called train and test that
    have such folders; else a fifth of each class, the same each time, is for testing. Pictures of
    any size and colour become 28×28 grey with their aspect ratio kept; all are inverted if most
    have a bright margin. Training pictures are put into a random order, the same each time.

    Args:
        folder: Is only read.
        data_dir: The dataset folder; created if missing.
        on_progress: Takes a text for the user.

    Raises:
        PictureError: The folder or a picture cannot be used.
        StorageError: The dataset folder cannot be written.
    """
    folders = _look(folder)
    train, test = _files(folders)
    count = len(train) + len(test)
    pictures, margins = [], []
    for place, (path, _) in enumerate([*train, *test]):
        picture = read_grey(path)
        margins.append(margin_of(picture))
        pictures.append(shrunk(picture))  # inverted when all margins are known
        if (place + 1) % TELL_EVERY == 0:
            on_progress(f"{place + 1:,} of {count:,} pictures of {folder} read")
    is_inverted = float(np.median(margins)) > BRIGHT
    images = np.stack([fitted(picture, is_inverted=is_inverted) for picture in pictures])
    labels = np.array([label for _, label in [*train, *test]], np.uint8)
    return _keep(folder, data_dir, folders.classes, images, labels, len(train), on_progress)


def _look(folder: Path) -> _ClassFolders:
    parts = {path.name.lower(): path for path in _folders(folder)}
    if set(parts) != {"train", "test"}:
        classes = tuple(_class_name(path) for path in _folders(folder))
        _check_classes(folder, classes)
        return _ClassFolders(classes, [_pictures(path) for path in _folders(folder)], None)
    names = {part: [path.name for path in _folders(parts[part])] for part in parts}
    if unknown := set(names["test"]) - set(names["train"]):
        raise PictureError(
            f"{parts['test']} has a class {min(unknown)!r} that {parts['train']} has not; give both"
            " the same folders."
        )
    classes = tuple(_class_name(path) for path in _folders(parts["train"]))
    _check_classes(parts["train"], classes)
    return _ClassFolders(
        classes,
        [_pictures(parts["train"] / name) for name in names["train"]],
        [
            _pictures(parts["test"] / name) if name in names["test"] else []
            for name in names["train"]
        ],
    )


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(
            path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
        )
    except OSError as error:
        raise PictureError(
            f"The folder {folder} cannot be read ({reason(error)}); name one that has a folder of"
            " PNG or JPEG files for each class."
        ) from error


def _class_name(path: Path) -> str:
    """Return the name of a folder as valid UTF-8, as JSON requires."""
    return os.fsencode(path.name).decode("utf-8", "replace")[:MAX_CLASS_LENGTH]


def _check_classes(folder: Path, classes: Sequence[str]) -> None:
    if len(classes) < 2:
        number = "no folder" if not classes else "one folder"
        raise PictureError(
            f"{folder} has {number} in it; give it a folder of PNG or JPEG files for each of two"
            " classes or more."
        )
    if len(classes) > MAX_CLASSES:
        raise PictureError(
            f"{folder} has {len(classes):,} folders; at most {MAX_CLASSES} classes can be told"
            " apart."
        )


def _pictures(folder: Path) -> list[Path]:
    paths = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not paths:
        raise PictureError(f"There is no PNG or JPEG file in {folder}; add some or remove it.")
    return paths


def _files(folders: _ClassFolders) -> tuple[list[tuple[Path, int]], list[tuple[Path, int]]]:
    """Return the training and test pictures with their classes, in the order of the files."""
    random = np.random.Generator(np.random.Philox(key=SEED))
    train: list[tuple[Path, int]] = []
    test: list[tuple[Path, int]] = []
    for label, paths in enumerate(folders.train):
        shuffled = [paths[place] for place in random.permutation(len(paths))]
        num_test = 0 if folders.test else round(TEST_SHARE * len(paths))
        test += [(path, label) for path in shuffled[:num_test]]
        train += [(path, label) for path in shuffled[num_test:]]
    for label, paths in enumerate(folders.test or []):
        test += [(path, label) for path in paths]
    if len(train) + len(test) > MAX_IMAGES:
        raise PictureError(
            f"There are {len(train) + len(test):,} pictures, more than {MAX_IMAGES:,}; use fewer."
        )
    if not test:
        raise PictureError(
            "No class has the three pictures or more that leave one for testing; add some."
        )
    return [train[place] for place in random.permutation(len(train))], test


def _keep(
    folder: Path,
    data_dir: Path,
    classes: tuple[str, ...],
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    num_train: int,
    on_progress: Callable[[str], None],
) -> str:
    crc = zlib.crc32(labels.astype(np.int64).data, zlib.crc32(images.data))
    name = own_name(folder, own_checksum(f"{crc:08x}", classes))
    with locked(data_dir, OWN_FOLDER, name, on_progress):
        if _is_here(data_dir, name):
            return name
        with temp_folder(data_dir, OWN_FOLDER) as temp:
            parts = {"train": slice(None, num_train), "test": slice(num_train, None)}
            for part, place in parts.items():
                write_idx(temp / FILES[part, "images"], images[place])
                write_idx(temp / FILES[part, "labels"], labels[place])
            publish(temp, data_dir, name)
            write_description(data_dir, name, Description(source=str(folder), classes=classes))
    return name


def _is_here(data_dir: Path, name: str) -> bool:
    try:
        inspect(data_dir, name)
        verify(data_dir, name)
    except DatasetMissingError:
        return False
    return True
