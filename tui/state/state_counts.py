"""How many sessions are in each group and which of them go on, kept up instead of counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ENDED
from mnist_tui.tui.state.session_values import HELD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.storage.records import SessionRecord


class StateCounts:
    """Costs the same with ten sessions and with ten thousand."""

    def __init__(self, records: Iterable[SessionRecord] = ()) -> None:
        self._counts: Counter[str] = Counter()
        self.going_on: dict[int, SessionRecord] = {}
        """The sessions that have not ended, by ID."""
        for record in records:
            self.change(None, record)

    @property
    def counts(self) -> Counter[str]:
        """How many sessions run, wait, are held, are paused, have finished and so on."""
        return +self._counts

    def change(self, before: SessionRecord | None, after: SessionRecord | None) -> None:
        """Take a record in the place of what was known of its session; None for none."""
        if before is not None:
            self._counts[_group(before)] -= 1
            self.going_on.pop(before.id, None)
        if after is not None:
            self._counts[_group(after)] += 1
            if after.state not in ENDED:
                self.going_on[after.id] = after


def _group(record: SessionRecord) -> str:
    if record.state is SessionState.QUEUED and record.is_held:
        return HELD
    if record.state in ENDED or record.state in (SessionState.PAUSED, SessionState.QUEUED):
        return record.state.value
    return "running"
