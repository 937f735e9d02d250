"""Descendants of processes: usage of the processes that a worker starts counts as its own."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HAS_PROC = sys.platform.startswith("linux")
MAX_AGE_S = 10.0
"""Reading all processes takes 13 µs for each; children of workers rarely change."""


class ProcessTree:
    """Cache of the descendants of processes, read again when it has expired."""

    def __init__(self, max_age_s: float = MAX_AGE_S) -> None:
        self._max_age_s = max_age_s
        self._looked_at = -max_age_s
        self._members: dict[int, tuple[int, ...]] = {}

    def of(self, pids: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
        """Return each of `pids` with itself and all its descendants."""
        now = time.monotonic()
        if now - self._looked_at >= self._max_age_s or set(pids) - set(self._members):
            self._looked_at = now
            children = _children_of_all() if pids else {}
            self._members = {pid: tuple(_descendants(pid, children)) for pid in pids}
        return self._members


def _descendants(pid: int, children: Mapping[int, Sequence[int]]) -> Iterable[int]:
    """Return `pid` and everything below it, each once."""
    family = [pid]
    for parent in family:
        family += [child for child in children.get(parent, ()) if child not in family]
    return family


def _children_of_all() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pid in psutil.pids():
        parent = _parent(pid)
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    return children


def _parent(pid: int) -> int | None:
    try:
        if HAS_PROC:
            # The name may contain spaces and brackets: "pid (name) state parent …".
            status = Path(f"/proc/{pid}/stat").read_bytes()
            return int(status.rpartition(b")")[2].split()[1])
        return int(psutil.Process(pid).ppid())
    except (OSError, ValueError, IndexError, psutil.Error):
        return None  # it has ended
