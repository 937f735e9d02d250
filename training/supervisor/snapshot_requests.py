"""Named snapshots: a worker saves one between two batches; at rest the newest checkpoint gets it.

The training is never held up by more than the time a checkpoint takes, and its state stays.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.checkpoints.named_checkpoints import name_newest
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.lock import FileLock
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.sessions.lifecycle import SupervisorAction, Trigger, advance
from mnist_tui.training.sessions.rules import RequestRefusedError, refusal_sentence, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from mnist_tui.storage.history import HistoryEvent
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.training.supervisor.ledger import Ledger
    from mnist_tui.training.supervisor.workers import Workforce

IS_BEING_NAMED = "a snapshot of it is being saved; try again in a moment"
ENDED_FIRST = "its worker ended before it could save; ask again for its last checkpoint"


@dataclass
class _Order:
    """A snapshot that was asked for and is not there yet."""

    number: int
    session_id: int
    name: str
    answer: asyncio.Future[CheckpointInfo]
    info: CheckpointInfo | None = None
    """What the worker has saved, once it has."""


class Snapshots:
    """The snapshots of one home that are being made."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger,
        workforce: Workforce,
        *,
        record: Callable[[int], SessionRecord],
        start: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        on_named: Callable[[], None],
    ) -> None:
        """Make snapshots.

        Args:
            home: Where the sessions are.
            ledger: Where the history is written.
            workforce: The workers that save.
            record: Returns the record of a session, or refuses.
            start: Runs work to its end, whoever waits for it.
            on_named: Called when a session that was `is_naming` may start again.
        """
        self._home = home
        self._ledger = ledger
        self._workforce = workforce
        self._record = record
        self._start = start
        self._on_named = on_named
        self._orders: dict[int, _Order] = {}
        self._naming: set[int] = set()

    async def take(self, session_id: int, name: str, by: str) -> dict[str, Any]:
        """Make a snapshot and return its step and file once it is durable.

        Raises:
            RequestRefusedError: It cannot be made; the text says why.
            StorageError: It cannot be stored.
        """
        self._record(session_id)
        number = self._workforce.new_number()
        try:
            label = check_label(name)
        except ValueError as error:
            self._note_request(session_id, number, by, "")
            raise self._refused(session_id, number, str(error)) from None
        self._note_request(session_id, number, by, label)
        if any((each.session_id, each.name) == (session_id, label) for each in self._all()):
            reason = f"one called {label} is being saved already"
            raise self._refused(session_id, number, reason)
        answer = asyncio.get_running_loop().create_future()
        order = self._orders[number] = _Order(number, session_id, label, answer)
        # A client that hangs up meanwhile must not leave half of it undone.
        info = await asyncio.shield(self._start(self._carry_out(order)))
        return {"step": info.position.step, "file": info.file}

    def is_naming(self, session_id: int) -> bool:
        """Whether a checkpoint of a session is being named: the session must stay at rest."""
        return session_id in self._naming

    # What workers report

    def on_saved(self, session_id: int, info: CheckpointInfo) -> None:
        """Remember what a worker has saved; it counts once the worker says so."""
        for order in self._all():
            if (order.session_id, order.name) == (session_id, info.name):
                order.info = info

    def on_done(self, number: int) -> None:
        """Answer who asked for a snapshot, if `number` was one."""
        order = self._orders.get(number)
        if order is not None and order.info is not None and not order.answer.done():
            order.answer.set_result(order.info)

    def on_not_done(self, session_id: int, number: int, reason: str, **noted: Any) -> None:
        """Tell who asked for a snapshot why there is none."""
        error = self._refused(session_id, number, reason, **noted)
        order = self._orders.get(number)
        if order is not None and not order.answer.done():
            order.answer.set_exception(error)

    def on_exit(self, session_id: int) -> None:
        """Tell whoever waits for a worker that has gone."""
        for order in self._all():
            if order.session_id != session_id or order.answer.done():
                continue
            if order.info is not None:
                self._note(session_id, "done", order.number, step=order.info.position.step)
                self.on_done(order.number)
            else:
                self.on_not_done(session_id, order.number, ENDED_FIRST)

    async def _carry_out(self, order: _Order) -> CheckpointInfo:
        try:
            taken = await asyncio.to_thread(self._names, order.session_id)
            record = self._record(order.session_id)
            if order.answer.done():
                return await order.answer
            if order.name in taken:
                reason = f"it has a snapshot called {order.name} already; choose another name"
                raise self._refused(order.session_id, order.number, reason)
            if refusal := why_not(record, Trigger.SNAPSHOT):
                raise self._refused(order.session_id, order.number, refusal.reason())
            if advance(record.state, Trigger.SNAPSHOT).action is SupervisorAction.NAME_CHECKPOINT:
                return await self._name_newest(order)
            self._workforce.send(order.session_id, order.number, Trigger.SNAPSHOT, order.name)
            return await order.answer
        except StorageError as error:
            self._note(order.session_id, "refused", order.number, text=str(error))
            raise
        finally:
            del self._orders[order.number]

    async def _name_newest(self, order: _Order) -> CheckpointInfo:
        session_id = order.session_id
        if session_id in self._naming:
            raise self._refused(session_id, order.number, IS_BEING_NAMED)
        self._naming.add(session_id)
        try:
            info = await asyncio.to_thread(self._name_under_lock, session_id, order.name)
        finally:
            self._naming.discard(session_id)
            self._on_named()
        if info is None:
            raise self._refused(session_id, order.number, "it has no checkpoint yet")
        self._note(session_id, "done", order.number, step=info.position.step)
        return info

    def _name_under_lock(self, session_id: int, name: str) -> CheckpointInfo | None:
        with FileLock.acquire(self._home.session(session_id) / folders.WORKER_LOCK):
            return name_newest(self._checkpoints(session_id), name)

    def _names(self, session_id: int) -> set[str]:
        return {info.name for info in self._checkpoints(session_id).manifests()}

    def _checkpoints(self, session_id: int) -> CheckpointFolder:
        return CheckpointFolder(self._home.session(session_id) / folders.CHECKPOINTS)

    def _all(self) -> list[_Order]:
        return list(self._orders.values())

    def _refused(
        self, session_id: int, number: int, reason: str, **noted: Any
    ) -> RequestRefusedError:
        self._note(session_id, "refused", number, text=reason, **noted)
        return RequestRefusedError(refusal_sentence(session_id, Trigger.SNAPSHOT, reason))

    def _note_request(self, session_id: int, number: int, by: str, label: str) -> None:
        command = Trigger.SNAPSHOT.value
        self._note(session_id, "requested", number, command=command, by=by, text=label)

    def _note(self, session_id: int, event: HistoryEvent, number: int, **fields: Any) -> None:
        self._ledger.note(session_id, event, number=number, **fields)
