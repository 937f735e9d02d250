"""Sources of images that the user names: picture files, folders and test sets; no pixels here."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".png", ".jpg", ".jpeg")


class PictureError(ValueError):
    """The folder or a file in it cannot be used; the text is a sentence for the user."""


class OutlierSource(Struct, frozen=True, kw_only=True):
    """The source of out-of-distribution images."""

    kind: Literal["signs", "folder", "dataset"] = "signs"
    """Drawn by the program, a folder of PNG and JPEG files, or the first of a test set."""
    path: str = ""
    """The folder of pictures, or the folder that the dataset is in."""
    dataset: str = ""
    count: int = 0
    """At most this many images of a test set."""


SIGNS = OutlierSource()


def digest_of_files(folder: Path) -> str:
    """Return a digest of the names, sizes and dates of all files below a folder.

    Raises:
        OSError: The folder cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.stat()
        digest.update(os.fsencode(path) + f" {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
