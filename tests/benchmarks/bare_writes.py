"""Disk time for as many bytes as a checkpoint has, without our code."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def synced_write_s(folder: Path, content: bytes) -> float:
    """Return the seconds of a write and an fsync of a new file."""
    path = folder / ".bare"
    started_at = time.perf_counter()
    _write_synced(path, content)
    took_s = time.perf_counter() - started_at
    path.unlink()
    return took_s


def checkpoint_write_s(folder: Path, content: bytes, manifest: bytes) -> float:
    """Return the seconds of the system calls of a checkpoint: two files, two names made durable."""
    data, temp, final = (folder / name for name in (".bare", ".bare.json-", ".bare.json"))
    started_at = time.perf_counter()
    _write_synced(data, content)
    _sync_folder(folder)
    _write_synced(temp, manifest)
    temp.rename(final)
    _sync_folder(folder)
    took_s = time.perf_counter() - started_at
    data.unlink()
    final.unlink()
    return took_s


def appended_s(descriptor: int, content: bytes) -> float:
    """Return the seconds of an append and a sync of its data to an open file."""
    started_at = time.perf_counter()
    os.write(descriptor, content)
    getattr(os, "fdatasync", os.fsync)(descriptor)
    return time.perf_counter() - started_at


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
