"""The errors of storage; every message names the act, the path and the next step."""


class StorageError(Exception):
    """A file or folder could not be used; the text is one sentence for the user."""


class LockHeldError(StorageError):
    """Another process holds the lock."""


class CheckpointDamagedError(StorageError):
    """A checkpoint does not match its manifest."""


class DatasetMissingError(StorageError):
    """A dataset is not on this machine."""


class DatasetDamagedError(StorageError):
    """A dataset file is truncated, altered or not what its name says."""
