"""Atomic file replacement: a crash leaves the old content or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMP_PREFIX = ".tmp-"
"""Prefix of the names of unfinished files."""

PRIVATE_FILE = 0o600


def private(path: str, flags: int) -> int:
    """Open a file that is created with mode 0600; an `opener` for `open`."""
    return os.open(path, flags, PRIVATE_FILE)


def write_atomic(path: Path, content: bytes, *, previous: Path | None = None) -> None:
    """Replace `path` with `content`, durably; the file it had before is kept as `previous`.

    Raises:
        OSError: Nothing changed, unless only the last sync of the folder failed.
    """
    temp = temp_path(path)
    try:
        write_new(temp, content)
        if previous is not None:
            _keep(path, previous)
        temp.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """Make the file `path`, private and synced.

    Raises:
        FileExistsError: There is one already; it is left alone.
        OSError: It could not be written in full; what was written is gone again.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of `content`, however many writes that takes."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def temp_path(path: Path) -> Path:
    """Return an unused name beside `path` for its unfinished content."""
    return path.with_name(f"{TEMP_PREFIX}{path.name}-{os.urandom(6).hex()}")


def remove_leftovers(folder: Path) -> int:
    """Delete unfinished files that a crash left in `folder` and return how many there were.

    Only the one process that writes into `folder` may call this.
    """
    leftovers = [path for path in folder.glob(f"{TEMP_PREFIX}*") if path.is_file()]
    for path in leftovers:
        with contextlib.suppress(OSError):
            path.unlink()
    return len(leftovers)


def reason(error: OSError) -> str:
    """Return the system's words for `error`, to stand in brackets in a sentence."""
    return error.strerror or str(error)


def _keep(path: Path, previous: Path) -> None:
    link = temp_path(previous)
    try:
        os.link(path, link)
    except FileNotFoundError:
        return
    try:
        link.replace(previous)
    finally:
        # Where both names are the same file already, rename leaves the link behind.
        with contextlib.suppress(OSError):
            link.unlink(missing_ok=True)
