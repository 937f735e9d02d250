"""Requests for changes of sessions by commands, and waiting for their completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.client import Client, Refused, as_record
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.protocol.requests import ChangeState, Subscribe
from mnist_tui.training.sessions.rules import RULES, why_not
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text.formatting import state_look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.training.sessions.lifecycle import Trigger

UNDER_WAY = frozenset({SessionState.PAUSING, SessionState.STOPPING, SessionState.KILLING})


class Changes:
    """One request, made of several sessions; prints the outcome of each on a line."""

    def __init__(self, client: Client, home: Home, request: Trigger) -> None:
        self._client = client
        self._home = home
        self._request = request
        self._newest: dict[int, SessionRecord] = {}
        self._is_all_done = True

    def request_all(self, records: Sequence[SessionRecord], *, waits: bool) -> bool:
        """Make the request of all sessions and return whether all were changed.

        Args:
            records: The sessions.
            waits: Whether to wait until each change has happened.
        """
        if waits:
            self._client.request(Subscribe, on_event=self._take)
        requested = [record for record in records if self._request_one(record)]
        pending = {record.id for record in requested} if RULES[self._request].goal else set()
        for record in requested:
            is_over = not waits or not self._is_under_way(record.id)
            if record.id not in pending or is_over:
                pending.discard(record.id)
                self._report(record.id)
        self._wait(pending)
        return self._is_all_done

    def _request_one(self, record: SessionRecord) -> bool:
        try:
            payload = self._client.request(
                ChangeState, on_event=self._take, session_id=record.id, action=self._request
            )
        except Refused as error:
            self._is_all_done = False
            say(str(error))
            return False
        if payload is None:
            say(f"#{record.id} {record.name} is in the trash, {self._home.trash / str(record.id)}.")
            return False
        self._newest[record.id] = as_record(payload)
        return True

    def _wait(self, pending: set[int]) -> None:
        if not pending:
            return
        for event in self._client.events():
            self._take(event)
            for session_id in [each for each in pending if not self._is_under_way(each)]:
                pending.discard(session_id)
                self._report(session_id)
            if not pending:
                return
        for session_id in sorted(pending):
            self._is_all_done = False
            say(f"The supervisor left before #{session_id} had answered; see `mnist-tui ls`.")

    def _take(self, event: Event) -> None:
        match event:
            case SessionChanged(record=record):
                self._newest[record.id] = record
            case SessionRemoved(session_id=session_id):
                self._newest.pop(session_id, None)

    def _is_under_way(self, session_id: int) -> bool:
        record = self._newest.get(session_id)
        return record is not None and record.state in UNDER_WAY

    def _report(self, session_id: int) -> None:
        record = self._newest.get(session_id)
        if record is None:
            self._is_all_done = False
            say(f"#{session_id} was removed meanwhile.")
            return
        goal = RULES[self._request].goal
        sentence = f"#{session_id} {record.name} is {state_look(record).word}"
        is_reached = goal is None or record.state is goal or record.state in UNDER_WAY
        if not is_reached:
            self._is_all_done = False
            sentence += f", which came before it could be {goal}"
        say(f"{sentence}{f': {record.cause}' if record.cause else ''}.")


def possible(records: Iterable[SessionRecord], request: Trigger) -> list[SessionRecord]:
    """Return the sessions of which `request` can be made now."""
    return [record for record in records if why_not(record, request) is None]
