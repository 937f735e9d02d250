"""The workers that exist now: their pipes, newest figures and unanswered commands."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.storage import folders
from mnist_tui.storage.lock import is_locked, living_holder
from mnist_tui.training.protocol.assignment import WorkerAssignment
from mnist_tui.training.protocol.worker_messages import WorkerCommand
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.worker import worker_process

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import Progress, SessionRecord
    from mnist_tui.training.executors.fork_server import Spawner
    from mnist_tui.training.executors.local_process import Exit, RunningChild

STORE_INTERVAL_S = 5.0
"""Figures of a running session reach the registry at most this often."""

LOCK_POLL_S = 0.1

BUSY = "busy"
"""The outcome of a worker that found another one in its place."""


@dataclass
class _Place:
    child: RunningChild
    progress: Progress
    stored_at: float = field(default_factory=time.monotonic)


class Workforce:
    """Knows every worker by its session."""

    def __init__(self, spawner: Spawner) -> None:
        self._spawner = spawner
        self._places: dict[int, _Place] = {}
        self._unanswered: dict[tuple[int, Trigger], int] = {}
        self._last_number = int(time.time() * 1000)
        self._left = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """Whether no worker exists."""
        return not self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, record: SessionRecord, child: RunningChild) -> None:
        """Take in the worker of a session that starts."""
        self._places[record.id] = _Place(child, record.progress)

    async def run(self, home: Home, record: SessionRecord, child: RunningChild) -> Exit:
        """Run a session's worker to its end; also if its fork server dies under it."""
        assignment = WorkerAssignment(
            home=str(home.path),
            session_id=record.id,
            generation=record.generation,
            data_dir=record.data_dir,
            parameters=record.parameters,
            environment=record.environment,
            device=record.device,
        )
        ending = await child.run(self._spawner, worker_process.main, assignment)
        is_busy = ending.ended is not None and ending.ended.outcome == BUSY
        if ending.start_error is None and not is_busy:
            await self.until_lock_is_free(home, record.id)
        return ending

    def lock_holder(self, home: Home, session_id: int) -> str | None:
        """Return which process holds the session's lock, in words; None while none does."""
        return living_holder(home.session(session_id) / folders.WORKER_LOCK)

    async def until_lock_is_free(self, home: Home, session_id: int) -> None:
        """Wait until no process holds the session's lock."""
        lock = home.session(session_id) / folders.WORKER_LOCK
        while is_locked(lock):
            await asyncio.sleep(LOCK_POLL_S)

    def forget(self, session_id: int) -> None:
        """Drop a worker that has ended."""
        del self._places[session_id]
        self._left.set()

    async def until_empty(self, timeout_s: float) -> None:
        """Wait for the last worker to leave; kill those that outlast the timeout."""
        deadline = time.monotonic() + timeout_s
        while self._places:
            self._left.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await self._left.wait()
            except TimeoutError:
                for place in self._places.values():
                    place.child.kill()
                deadline = time.monotonic() + timeout_s

    def pid(self, session_id: int) -> int | None:
        """Return the worker's pid."""
        return self._places[session_id].child.pid

    def send(self, session_id: int, number: int, action: Trigger, name: str = "") -> None:
        """Send a command to the worker."""
        command = WorkerCommand(number=number, action=action, name=name)
        self._places[session_id].child.send(command)

    def profile(self, session_id: int, number: int, num_batches: int, *, is_traced: bool) -> None:
        """Have the worker profile its next batches."""
        command = WorkerCommand(
            number=number, action=Trigger.PROFILE, num_batches=num_batches, is_traced=is_traced
        )
        self._places[session_id].child.send(command)

    def kill(self, session_id: int) -> None:
        """End the worker at once."""
        self._places[session_id].child.kill()

    def hang_up(self) -> None:
        """Close every pipe: the workers save and leave."""
        for place in self._places.values():
            place.child.hang_up()

    def with_live_progress(self, record: SessionRecord) -> SessionRecord:
        """Return the record with the newest figures of its worker."""
        place = self._places.get(record.id)
        return record if place is None else replace(record, progress=place.progress)

    def keep_progress(self, session_id: int, progress: Progress) -> None:
        """Remember the newest figures."""
        if session_id in self._places:
            self._places[session_id].progress = progress

    def is_store_due(self, session_id: int) -> bool:
        """Return whether the figures should reach the registry again, and count that as done."""
        place = self._places[session_id]
        is_due = time.monotonic() - place.stored_at >= STORE_INTERVAL_S
        if is_due:
            place.stored_at = time.monotonic()
        return is_due

    # Requests whose end is a report or an exit

    def new_number(self) -> int:
        """Return a number for a request that no other has, also not of an earlier supervisor."""
        self._last_number += 1
        return self._last_number

    def await_end(self, session_id: int, request: Trigger, number: int) -> None:
        """Remember that a request is under way."""
        self._unanswered[session_id, request] = number

    def end_of(self, session_id: int, request: Trigger) -> int | None:
        """Return the number of a request that has now ended, if one was under way."""
        return self._unanswered.pop((session_id, request), None)
