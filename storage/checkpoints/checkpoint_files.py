"""Writing the two files of a checkpoint: data under an unused name, then its manifest."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import sync_folder, write_atomic
from mnist_tui.storage.checkpoints.checkpoint_manifest import (
    DATA_SUFFIX,
    MANIFEST_SUFFIX,
    write_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.records import CheckpointInfo


def make_data(folder: Path, step: int, make: Callable[[Path], None]) -> Path:
    """Let `make` make the data file under the first free name of its step; return where it is.

    Raises:
        OSError: What `make` raises, but for FileExistsError, after which the next name is tried.
    """
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        data = folder / f"step-{step:08d}{suffix}{DATA_SUFFIX}"
        number += 1
        if data.with_suffix(MANIFEST_SUFFIX).exists():
            continue
        with contextlib.suppress(FileExistsError):
            make(data)
            return data


def make_valid(data: Path, info: CheckpointInfo) -> None:
    """Write the manifest of `data`, or take back both.

    Raises:
        OSError: Neither is there any more.
    """
    manifest = data.with_suffix(MANIFEST_SUFFIX)
    try:
        sync_folder(data.parent)
        write_atomic(manifest, write_manifest(info))
    except OSError:
        with contextlib.suppress(OSError):
            manifest.unlink(missing_ok=True)
            data.unlink()
        raise
