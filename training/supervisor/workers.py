"""The workers that exist now, with their newest figures."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.training.protocol.assignment import WorkerAssignment

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import Progress, SessionRecord
    from mnist_tui.training.executors.executor import Executor, Handle
    from mnist_tui.training.protocol.worker_messages import Report, WorkerCommand

STORE_INTERVAL_S = 5.0
"""Figures of a running session reach the registry at most this often."""


@dataclass
class _Worker:
    handle: Handle
    progress: Progress
    stored_at: float = field(default_factory=time.monotonic)


class Workers:
    """Every worker by the ID of its session."""

    def __init__(self, executor: Executor) -> None:
        self.reserved: set[int] = set()
        """Sessions that get no worker now, because their checkpoints are being changed."""
        self._executor = executor
        self._workers: dict[int, _Worker] = {}
        self._has_changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._workers)

    def start(self, record: SessionRecord, on_report: Callable[[Report], None]) -> Handle:
        """Start the worker of a session."""
        assignment = WorkerAssignment(
            session_id=record.id,
            generation=record.generation,
            data_dir=record.data_dir,
            parameters=record.parameters,
            environment=record.environment,
            device=record.device,
        )
        handle = self._executor.start(assignment, on_report)
        self._workers[record.id] = _Worker(handle, record.progress)
        return handle

    def forget(self, session_id: int) -> None:
        """Drop a worker that has ended."""
        del self._workers[session_id]
        self._has_changed.set()

    async def until_empty(self, timeout_s: float) -> None:
        """Wait for the last worker to leave; kill those that outlast the timeout."""
        deadline = time.monotonic() + timeout_s
        while self._workers:
            self._has_changed.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await self._has_changed.wait()
            except TimeoutError:
                for worker in self._workers.values():
                    worker.handle.kill()
                deadline = time.monotonic() + timeout_s

    def pid(self, session_id: int) -> int | None:
        """Return the worker's process ID, if it has one on this machine."""
        return self._workers[session_id].handle.pid

    def send(self, session_id: int, command: WorkerCommand) -> None:
        """Send a command to the worker."""
        self._workers[session_id].handle.send(command)

    def kill(self, session_id: int) -> None:
        """End the worker at once."""
        self._workers[session_id].handle.kill()

    def hang_up(self) -> None:
        """Close every connection: the workers save and leave."""
        for worker in self._workers.values():
            worker.handle.hang_up()

    def with_live_progress(self, record: SessionRecord) -> SessionRecord:
        """Return the record with the newest figures of its worker."""
        worker = self._workers.get(record.id)
        return record if worker is None else replace(record, progress=worker.progress)

    def keep_progress(self, session_id: int, progress: Progress) -> None:
        """Remember the newest figures."""
        if session_id in self._workers:
            self._workers[session_id].progress = progress

    def is_store_due(self, session_id: int) -> bool:
        """Return True if the figures should reach the registry again, and restart the interval."""
        worker = self._workers[session_id]
        is_due = time.monotonic() - worker.stored_at >= STORE_INTERVAL_S
        if is_due:
            worker.stored_at = time.monotonic()
        return is_due
