"""Which files count as pictures, and the error about one; no pixels here."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".png", ".jpg", ".jpeg")


class PictureError(ValueError):
    """The folder or a file in it cannot be used; the text is a sentence for the user."""


def digest_of_files(folder: Path) -> str:
    """Return what stays the same until a file below a folder changes, as far as dates tell.

    Raises:
        OSError: The folder cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.stat()
        digest.update(os.fsencode(path) + f" {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
