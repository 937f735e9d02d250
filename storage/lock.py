"""Locks between processes: `flock` on a file that is never unlinked.

The kernel lets go when the holder ends, however it ends: a lock that is held has a living holder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from mnist_tui.storage.atomic import PRIVATE_FILE, reason
from mnist_tui.storage.errors import LockHeldError, StorageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

POLL_S = 0.01
# `is_locked` holds the lock for microseconds; a process that wants it must not fail for that.
PROBE_GRACE_S = 0.5
MAX_DESCRIPTION_BYTES = 200


class FileLock:
    """An exclusive lock that this process holds until `release` or its end."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path, timeout_s: float = 0.0) -> FileLock:
        """Take the lock on `path`, making the file if there is none, and write our pid into it.

        Raises:
            LockHeldError: Another holder still has it after `timeout_s`.
            StorageError: The file cannot be opened or locked.
        """
        deadline = time.monotonic() + max(timeout_s, PROBE_GRACE_S)
        try:
            while (descriptor := _try_lock(path)) is None:
                if time.monotonic() >= deadline:
                    raise LockHeldError(_held(path))
                time.sleep(POLL_S)
        except OSError as error:
            raise StorageError(
                f"The lock {path} cannot be taken ({reason(error)});"
                " check the folder's permissions or choose another with --home DIR."
            ) from error
        lock = cls(path, descriptor)
        with contextlib.suppress(OSError):  # a full disk must not cost the lock its holder
            lock.describe(f"pid {os.getpid()}")
        return lock

    def describe(self, text: str) -> None:
        """Write into the file who holds it, for messages only."""
        assert self._descriptor is not None, "the lock was released"
        content = text.encode(errors="replace")[:MAX_DESCRIPTION_BYTES]
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)

    def release(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._descriptor is None:
            return
        # A forked child may hold a copy of the descriptor, which closing ours would not unlock.
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def is_locked(path: Path) -> bool:
    """Return True if some process holds the lock on `path`; a missing file is not locked."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def holder(path: Path) -> str:
    """Return what the holder wrote about itself: printable text for people, empty if nothing."""
    try:
        content = path.read_bytes()[:MAX_DESCRIPTION_BYTES]
    except OSError:
        return ""
    text = content.decode(errors="replace").strip()
    return "".join(char if char.isprintable() else "�" for char in text)


def living_holder(path: Path) -> str | None:
    """Describe the process that holds the lock on `path`; None if it is free."""
    return (holder(path) or "pid unknown") if is_locked(path) else None


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still_at(path, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _is_still_at(path: Path, descriptor: int) -> bool:
    """Return True if the locked file is the one others find under `path`."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def _held(path: Path) -> str:
    who = holder(path)
    return (
        f"Another process{f' ({who})' if who else ''} holds {path};"
        " wait until it has ended, or end it, then try again."
    )
