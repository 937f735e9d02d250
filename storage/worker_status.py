"""Current activity of a worker, in a small mapped file that survives a kill.

The worker writes into its mapping, which costs no system call; the kernel keeps the pages whatever
ends the process.
"""

from __future__ import annotations

import mmap
import os
import struct
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.atomic import PRIVATE_FILE, write_all

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"MNTUIWH1"
"""The last character is the format version."""

_LAYOUT = struct.Struct("<8sB?6xq")
_ACTIVITY_AT, _SAVING_AT, _STEP_AT = 8, 9, 16
_STEP = struct.Struct("<q")


class Activity(StrEnum):
    """Kind of work that a worker is doing."""

    LOADING = "loading"
    TRAINING = "training"
    VALIDATING = "validating"
    TESTING = "testing"
    SAVING = "saving"
    PAUSED = "paused"


_NUMBERS = {activity: number for number, activity in enumerate(Activity)}
_ACTIVITIES = tuple(Activity)


class WorkerStatus(NamedTuple):
    """An activity and the optimiser steps done when it began."""

    activity: Activity
    step: int
    is_saving: bool = False
    """True if a checkpoint was being written besides."""


class WorkerStatusWriter:
    """Keeps the file at `path` up to date for the one worker that owns the session."""

    def __init__(self, path: Path) -> None:
        """Make or reuse the file; where that cannot be, what is written goes nowhere."""
        self._mapping = _mapped(path)
        self.write(Activity.LOADING, 0)

    def write(self, activity: Activity, step: int) -> None:
        """Say what begins now, after `step` optimiser steps."""
        self._mapping[_ACTIVITY_AT] = _NUMBERS[activity]
        _STEP.pack_into(self._mapping, _STEP_AT, step)

    def begin_save(self) -> None:
        """Say that a checkpoint is being written from now on, whatever else is done."""
        self._mapping[_SAVING_AT] = 1

    def end_save(self) -> None:
        """Say that it is written."""
        self._mapping[_SAVING_AT] = 0

    def close(self) -> None:
        """Unmap the file."""
        self._mapping.close()


def read_worker_status(path: Path) -> WorkerStatus | None:
    """Return the last activity of the newest worker, or None if there is no file."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if len(content) != _LAYOUT.size:
        return None
    magic, number, is_saving, step = _LAYOUT.unpack(content)
    if magic != MAGIC or number >= len(_ACTIVITIES) or step < 0:
        return None
    return WorkerStatus(_ACTIVITIES[number], step, is_saving)


def _mapped(path: Path) -> mmap.mmap:
    try:
        # Written, not only made longer: a mapped page without a place on the disk ends in SIGBUS.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            write_all(descriptor, _LAYOUT.pack(MAGIC, 0, False, 0))
            return mmap.mmap(descriptor, _LAYOUT.size)
        finally:
            os.close(descriptor)
    except OSError:
        return mmap.mmap(-1, _LAYOUT.size)
