"""Which queued session may start now.

A pure decision: the supervisor asks on every change and carries out the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.training.sessions.queue import next_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord


def next_to_start(records: Sequence[SessionRecord], slots: int) -> SessionRecord | None:
    """Return the first session of the queue, or None while every slot is taken."""
    if sum(record.state in ACTIVE for record in records) >= slots:
        return None
    return next_waiting(records)
