"""Which queued session may start now.

A pure decision: the supervisor asks on every change and carries out the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import SessionState
from training.lifecycle import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import SessionRecord


def next_to_start(records: Sequence[SessionRecord], slots: int) -> SessionRecord | None:
    """Return the session queued longest and not held, or None while every slot is taken."""
    if sum(record.state in ACTIVE for record in records) >= slots:
        return None
    waiting = (
        record for record in records if record.state is SessionState.QUEUED and not record.is_held
    )
    return min(waiting, key=lambda record: (record.queued_at or "", record.id), default=None)
