"""Naming the newest checkpoint of a session at rest: a second manifest for its data."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.storage.atomic import reason, write_new
from mnist_tui.storage.checkpoints.checkpoint_files import make_data, make_valid
from mnist_tui.storage.errors import failure
from mnist_tui.storage.records import utc_now

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
    from mnist_tui.storage.records import CheckpointInfo

SNAPSHOT = "snapshot"
"""The `reason` of a named checkpoint."""


def name_newest(checkpoints: CheckpointFolder, name: str) -> CheckpointInfo | None:
    """Keep the newest sound checkpoint under a name; return its manifest, None if there is none.

    The data is linked, not copied. Only who holds the session's worker lock may call this.

    Raises:
        StorageError: It cannot be read or stored; the folder is as it was.
    """
    folder = checkpoints.path
    source = next(
        filter(lambda info: _is_sound(folder, info), reversed(checkpoints.manifests())), None
    )
    if source is None:
        return None
    try:
        data = make_data(
            folder, source.position.step, lambda path: _link(folder / source.file, path)
        )
        info = replace(source, file=data.name, name=name, reason=SNAPSHOT, created_at=utc_now())
        make_valid(data, info)
    except OSError as error:
        raise failure(
            error,
            f"The snapshot cannot be saved in {folder} ({reason(error)});"
            " make room or check that the folder is yours, then try again.",
        ) from error
    return info


def _is_sound(folder: Path, info: CheckpointInfo) -> bool:
    """Return True if the data is what was saved; it is read piece by piece."""
    try:
        with (folder / info.file).open("rb") as file:
            has_its_size = os.fstat(file.fileno()).st_size == info.num_bytes
            return has_its_size and hashlib.file_digest(file, "sha256").hexdigest() == info.sha256
    except OSError:
        return False


def _link(source: Path, path: Path) -> None:
    try:
        path.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no links
        write_new(path, source.read_bytes())
