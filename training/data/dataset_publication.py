"""Locks and temporary folders with which one process at a time publishes files of a dataset."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import TEMP_PREFIX, reason
from mnist_tui.storage.errors import LockHeldError, StorageError
from mnist_tui.storage.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK_TIMEOUT_S = 3600.0
"""Longer than a task may take: a waiting task is ended by its own time limit first."""


def lock_of(parent: Path, name: str, what: str, on_progress: Callable[[str], None]) -> FileLock:
    """Return the held lock of a name in `parent`, which is created if missing.

    Args:
        parent: The folder that is written.
        name: What in it is written.
        what: Name of what the process with the lock is getting, for that text.
        on_progress: Takes a text if another process has the lock.

    Raises:
        OSError: The folder cannot be made.
        StorageError: The lock cannot be made, or another process holds it for hours.
    """
    path = parent / f".{name}.lock"
    parent.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock.acquire(path)
    except LockHeldError:
        on_progress(f"Another process is getting {what}; waiting for it")
        return FileLock.acquire(path, timeout_s=LOCK_TIMEOUT_S)


@contextlib.contextmanager
def locked(
    data_dir: Path, folder: str, what: str, on_progress: Callable[[str], None]
) -> Iterator[None]:
    """Hold the lock of a folder in `data_dir`, which is created if missing.

    Args:
        data_dir: The dataset folder.
        folder: The name of the folder in it that is written.
        what: Name of what the process with the lock is getting, for that text.
        on_progress: Takes a text if another process has the lock.

    Raises:
        StorageError: The dataset folder cannot be written.
    """
    try:
        lock = lock_of(data_dir, folder, what, on_progress)
    except LockHeldError:
        raise
    except (OSError, StorageError) as error:
        raise unwritable(data_dir, error) from error
    with lock:
        yield


@contextlib.contextmanager
def temp_folder(data_dir: Path, folder: str) -> Iterator[Path]:
    """Yield a folder on the same file system; afterwards it and those of killed tasks are removed.

    To be used under the lock of `folder`.

    Raises:
        StorageError: The dataset folder cannot be written.
    """
    prefix = f"{TEMP_PREFIX}{folder}-"
    for leftover in data_dir.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(prefix=prefix, dir=data_dir) as temp:
            yield data_dir / temp
    except OSError as error:
        raise unwritable(data_dir, error) from error


def unwritable(data_dir: Path, error: Exception) -> StorageError:
    """Return the error for a dataset folder that cannot be written."""
    cause = error if isinstance(error, OSError) else error.__cause__
    why = reason(cause) if isinstance(cause, OSError) else str(error)
    return StorageError(
        f"The dataset folder {data_dir} cannot be written ({why}); make room, check its"
        " permissions, or choose another with --data-dir."
    )
