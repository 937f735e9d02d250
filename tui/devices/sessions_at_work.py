"""Which sessions have a process now."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mnist_tui.training.sessions.lifecycle import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.storage.records import SessionRecord


def at_work(records: Iterable[SessionRecord]) -> dict[int, SessionRecord]:
    """Return the sessions that have a process, by its pid, in the order of their IDs."""
    active = [record for record in records if record.state in ACTIVE]
    return {
        record.worker_pid: record
        for record in sorted(active, key=attrgetter("id"))
        if record.worker_pid is not None
    }
