"""Who serves a home: the one that holds its lock, waited for where its predecessor still leaves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import LockHeldError
from mnist_tui.storage.lock import FileLock
from mnist_tui.training.protocol.client import Busy, Refused
from mnist_tui.training.protocol.start_supervisor import answers

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home

PREDECESSOR_TIMEOUT_S = 15.0
"""How long a supervisor that still saves and leaves is waited for."""


def take_lock(home: Home) -> FileLock:
    """Take the supervisor's lock, waiting for a predecessor that still saves and leaves.

    Raises:
        LockHeldError: Another supervisor serves the home, or has not left in time.
    """
    deadline = time.monotonic() + PREDECESSOR_TIMEOUT_S
    while True:
        try:
            return FileLock.acquire(home.supervisor_lock)
        except LockHeldError:
            if time.monotonic() > deadline or _is_served(home):
                raise


def _is_served(home: Home) -> bool:
    try:
        return answers(home)
    except (Busy, Refused):
        return True
