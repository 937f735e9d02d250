"""Profiles: a worker measures some of its next training steps, and whoever asked waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import RequestRefusedError, refusal_sentence, why_not

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Profile
    from mnist_tui.training.supervisor.ledger import Ledger
    from mnist_tui.training.supervisor.workers import Workforce

IS_BEING_PROFILED = "it is being profiled already; try again in a moment"
ENDED_FIRST = "its worker ended before that was done"


class _Order(NamedTuple):
    """A profile that was asked for and is not there yet."""

    session_id: int
    answer: asyncio.Future[int]
    """The step at which it is there."""


class Profiles:
    """The profiles of one home that are being made."""

    def __init__(
        self, ledger: Ledger, workforce: Workforce, *, record: Callable[[int], SessionRecord]
    ) -> None:
        """Have profiles made.

        Args:
            ledger: Where the history is written.
            workforce: The workers that measure.
            record: Returns the record of a session, or refuses.
        """
        self._ledger = ledger
        self._workforce = workforce
        self._record = record
        self._orders: dict[int, _Order] = {}

    async def make(self, request: Profile, by: str) -> dict[str, int]:
        """Have a running session profiled and return its step once the profile is in its folder.

        Raises:
            RequestRefusedError: It cannot be profiled; the text says why.
        """
        session_id, num_batches = request.session_id, request.num_batches
        record = self._record(session_id)
        number = self._workforce.new_number()
        command, text = Trigger.PROFILE.value, f"{num_batches} batches"
        self._ledger.note(session_id, "requested", number=number, command=command, by=by, text=text)
        if refusal := why_not(record, Trigger.PROFILE):
            raise self._refused(session_id, number, refusal.reason())
        if any(order.session_id == session_id for order in self._orders.values()):
            raise self._refused(session_id, number, IS_BEING_PROFILED)
        answer = asyncio.get_running_loop().create_future()
        self._orders[number] = _Order(session_id, answer)
        self._workforce.profile(session_id, number, num_batches, is_traced=request.is_traced)
        return {"step": await answer}

    # What workers report

    def on_done(self, number: int, step: int) -> None:
        """Answer who asked for a profile, if `number` was one."""
        order = self._orders.pop(number, None)
        if order is not None and not order.answer.done():
            order.answer.set_result(step)

    def on_not_done(self, session_id: int, number: int, reason: str, **noted: Any) -> None:
        """Tell who asked for a profile why there is none."""
        error = self._refused(session_id, number, reason, **noted)
        order = self._orders.pop(number, None)
        if order is not None and not order.answer.done():
            order.answer.set_exception(error)

    def on_exit(self, session_id: int) -> None:
        """Tell whoever waits for a worker that has gone."""
        for number, order in list(self._orders.items()):
            if order.session_id == session_id:
                self.on_not_done(session_id, number, ENDED_FIRST)

    def _refused(
        self, session_id: int, number: int, reason: str, **noted: Any
    ) -> RequestRefusedError:
        self._ledger.note(session_id, "refused", number=number, text=reason, **noted)
        return RequestRefusedError(refusal_sentence(session_id, Trigger.PROFILE, reason))
