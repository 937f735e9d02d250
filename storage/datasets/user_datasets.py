"""Datasets made from users' image folders: names, checksums and content. No numpy.

They lie beside the published ones, `DATA/Own/NAME/raw` in the same four files, with a description.
A name ends in a checksum of the content, so that what a session learnt from never changes.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mnist_tui.storage.atomic import reason, write_atomic
from mnist_tui.storage.datasets.dataset_catalog import DATASETS, DatasetInfo
from mnist_tui.storage.errors import DatasetDamagedError, DatasetMissingError

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_FOLDER = "Own"
DESCRIPTION = "dataset.json"
DESCRIPTION_FORMAT = 1
MAX_CLASSES = 256
"""Labels are bytes."""
MAX_SLUG_LENGTH = 40

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{8}")


class Description(Struct, frozen=True, kw_only=True):
    """Content of `dataset.json`."""

    source: str
    """The folder that the pictures are from."""
    classes: tuple[str, ...]
    format: int = DESCRIPTION_FORMAT


def is_own_name(text: str) -> bool:
    """Return True if a dataset of this name is one that a user made, here or elsewhere."""
    return text not in DATASETS and _NAME.fullmatch(text) is not None


def own_checksum(content: str, classes: Sequence[str]) -> str:
    """Return what a name ends in.

    Args:
        content: The checksum of images and labels, as `dataset_folder.checksum` returns it.
        classes: What the classes stand for.
    """
    return f"{zlib.crc32(chr(0).join([content, *classes]).encode()):08x}"


def own_name(folder: Path, checksum: str) -> str:
    """Return what the dataset made of `folder` is called, whose `own_checksum` is known."""
    return f"{_slug(folder)}-{checksum}"


def dataset_label(dataset: str) -> str:
    """Return what a dataset is called in a session's name; a folder's own is not known yet."""
    return _slug(Path(dataset)) if dataset.startswith("/") else dataset


def _slug(folder: Path) -> str:
    words = re.findall(r"[a-z0-9]+", folder.name.lower())
    return "-".join(words)[:MAX_SLUG_LENGTH].strip("-") or "own"


def own_folder(data_dir: Path, name: str) -> Path:
    """Return the folder of one of these datasets."""
    return data_dir / OWN_FOLDER / name


def own_names(data_dir: Path) -> list[str]:
    """Return the names of those that are here, in order; none if the folder cannot be read."""
    try:
        found = [path.name for path in (data_dir / OWN_FOLDER).iterdir()]
    except OSError:
        return []
    return sorted(
        name
        for name in found
        if is_own_name(name) and (own_folder(data_dir, name) / DESCRIPTION).exists()
    )


def own_info(data_dir: Path, name: str) -> DatasetInfo:
    """Return what there is to know of one of these datasets.

    Raises:
        DatasetMissingError: It is not here.
        DatasetDamagedError: Its description cannot be read.
    """
    if name.startswith("/"):
        raise DatasetMissingError(
            f"The pictures of {name} become a dataset when the first session starts."
        )
    if not is_own_name(name):
        raise DatasetMissingError(f"This version of mnist-tui does not know the dataset {name}.")
    path = own_folder(data_dir, name) / DESCRIPTION
    try:
        description = msgspec.json.decode(path.read_bytes(), type=Description)
    except OSError as error:
        raise DatasetMissingError(
            f"There is no dataset {name} in {data_dir} ({reason(error)}); make it again from its"
            " folder of pictures."
        ) from error
    except msgspec.DecodeError as error:
        raise DatasetDamagedError(
            f"The description {path} is damaged ({error}); delete its folder and make the dataset"
            " again from its pictures."
        ) from error
    if description.format > DESCRIPTION_FORMAT:
        raise DatasetDamagedError(f"A newer version of mnist-tui made {path}; use that one.")
    return DatasetInfo(
        name=name,
        folder=f"{OWN_FOLDER}/{name}",
        source=f"Pictures of {description.source}",
        torchvision_class=None,
        classes=description.classes,
    )


def write_description(data_dir: Path, name: str, description: Description) -> None:
    """Store what a dataset holds, durably; written last, it makes the dataset valid.

    Raises:
        OSError: It cannot be written.
    """
    write_atomic(own_folder(data_dir, name) / DESCRIPTION, msgspec.json.encode(description))
