"""Sources of out-of-distribution images: their keys, their descriptions, and a folder's files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import reason
from mnist_tui.training.parameters.image_sources import SUFFIXES, PictureError

if TYPE_CHECKING:
    from mnist_tui.training.parameters.image_sources import OutlierSource

MAX_IMAGES = 1_000


def source_key(source: OutlierSource) -> str:
    """Return what is the same for the same images, and can be part of a file's name.

    Raises:
        PictureError: The folder, or a picture in it, cannot be read.
    """
    match source.kind:
        case "dataset":
            return f"{source.dataset}-{source.count}"
        case "folder":
            return f"folder-{_digest(Path(source.path))}"
        case _:
            return "signs"


def source_text(source: OutlierSource, num_images: int) -> str:
    """Return what the images are, in words."""
    match source.kind:
        case "dataset":
            noun = "test image" if num_images == 1 else f"{num_images:,} test images"
            return f"the first {noun} of {source.dataset}"
        case "folder":
            noun = "picture" if num_images == 1 else "pictures"
            return f"{num_images:,} {noun} in {source.path}"
        case _:
            return f"{num_images} signs that the program draws"


def picture_paths(folder: Path) -> list[Path]:
    """Return the PNG and JPEG files of a folder, in the order of names.

    Raises:
        PictureError: It cannot be read, or has none or too many.
    """
    try:
        paths = sorted(
            path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()
        )
    except OSError as error:
        raise PictureError(
            f"The folder {folder} cannot be read ({reason(error)}); name one of PNG or JPEG files."
        ) from error
    if not paths:
        raise PictureError(f"There is no PNG or JPEG file in {folder}; put some there.")
    if len(paths) > MAX_IMAGES:
        raise PictureError(
            f"There are {len(paths):,} pictures in {folder}; at most {MAX_IMAGES:,} are shown to a"
            " model at once, so choose some of them."
        )
    return paths


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(os.fsencode(folder))
    for path in picture_paths(folder):
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise PictureError(
                f"The picture {path} cannot be read ({reason(error)}); check its permissions."
            ) from error
        digest.update(os.fsencode(path.name) + b"\0" + content)
    return digest.hexdigest()[:16]
