"""The errors of storage; every message names the act, the path and the next step."""

from __future__ import annotations

import errno

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The disk, the user's share of it, or the size that a file of this process may have."""


class StorageError(Exception):
    """A file or folder could not be used; the text is one sentence for the user."""


class DiskFullError(StorageError):
    """There is no room left for a file; what was there before it is as it was."""

    num_bytes: int | None = None
    """the size of the file, if known."""


class LockHeldError(StorageError):
    """Another process holds the lock."""


class CheckpointDamagedError(StorageError):
    """A checkpoint does not match its manifest."""


class DatasetMissingError(StorageError):
    """A dataset is not on this machine."""


class DatasetDamagedError(StorageError):
    """A dataset file is truncated, altered or not what its name says."""


def failure(error: OSError, text: str) -> StorageError:
    """Return what to raise for `error`: a DiskFullError where room is what was missing."""
    return (DiskFullError if error.errno in _NO_ROOM else StorageError)(text)
