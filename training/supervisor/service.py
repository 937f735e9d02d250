"""The supervisor as a service: answers requests, and decides when to leave."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.records import utc_now
from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.protocol.messages import (
    ProtocolError,
    RecordsTold,
    Reply,
    SupervisorClosing,
    TaskProgressed,
)
from mnist_tui.training.protocol.requests import (
    AnyRequest,
    ChangeState,
    CheckpointTask,
    Create,
    Get,
    KeepCheckpoint,
    KeepStudy,
    Label,
    List,
    Move,
    Profile,
    Shutdown,
    Status,
    Subscribe,
    Summarize,
    Warm,
)
from mnist_tui.training.sessions.rules import RequestRefusedError
from mnist_tui.training.supervisor.admission import REFUSALS
from mnist_tui.training.supervisor.connection import Connection, refusal
from mnist_tui.training.supervisor.server import Server
from mnist_tui.training.supervisor.supervisor import Supervisor
from mnist_tui.training.supervisor.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.registry.registry import Registry
    from mnist_tui.training.executors.executor import Executor

TICK_S = 1.0
FIRST_CLIENT_TIMEOUT_S = 60.0
"""Time after which an ephemeral supervisor leaves if no client has ever connected."""
PART_RECORDS = 100
"""Records in one message to a new subscriber: a millisecond's work for it."""

log = logging.getLogger("supervisor")


@dataclass(frozen=True)
class Idle:
    """Idle times after which memory is given back."""

    exit_after_s: float
    """Without clients and workers the supervisor leaves."""
    cool_after_s: float
    """Without workers and tasks the executor cools down: its fork server weighs 540 MB."""


class Service:
    """Socket, supervisor, tasks and executor of one home."""

    def __init__(
        self,
        home: Home,
        registry: Registry,
        executor: Executor,
        *,
        slots: int,
        mirror: str | None,
        is_ephemeral: bool,
        idle: Idle,
    ) -> None:
        self.home = home
        self.executor = executor
        self.tasks = Tasks(home, executor)
        self.server = Server(home, self._handle)
        self.supervisor = Supervisor(
            home,
            registry,
            executor,
            self.tasks,
            slots=slots,
            mirror=mirror,
            publish=self.server.publish,
        )
        self.is_restart = True
        """On leaving, sessions are interrupted, to be resumed later; if False they are stopped."""
        self._idle = idle
        self._is_ephemeral = is_ephemeral
        self._leave = asyncio.Event()
        self._started_at = utc_now()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until shut down or idle; `on_ready` is called once clients can connect."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave.set)
        await self.server.listen()
        self.supervisor.recover()
        on_ready()
        log.info("serves %s as pid %d", self.home.path, os.getpid())
        watch = asyncio.create_task(self._watch_idleness())
        await self._leave.wait()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        self.server.stop_listening()
        await self.supervisor.close(is_stop=not self.is_restart)
        await self.server.close(SupervisorClosing())
        self.executor.close()
        log.info("leaves")

    async def _watch_idleness(self) -> None:
        idle_since = started_at = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self.supervisor.save_unsaved()
            await self.server.keep_listening()
            if not self.supervisor.is_idle:
                idle_since = now
            elif now - idle_since > self._idle.cool_after_s:
                self.executor.cool()
            has_clients = bool(self.server.connections)
            was_left = self.server.had_clients or now - started_at > FIRST_CLIENT_TIMEOUT_S
            if self._is_ephemeral and was_left and not has_clients:
                self.is_restart = False
                self._leave.set()
            elif not has_clients and now - idle_since > self._idle.exit_after_s:
                self._leave.set()

    # Requests

    async def _handle(self, request: AnyRequest, client: Connection) -> Reply:
        try:
            handler = _HANDLERS.get(type(request))
            if handler is None:
                raise ProtocolError("say hello only once")
            payload = handler(self, request, client)
            return Reply(
                id=request.id, payload=await payload if inspect.isawaitable(payload) else payload
            )
        except ParameterError as error:
            return refusal(request.id, f"Nothing was started: {error}.", error.problems)
        except (*REFUSALS, RequestRefusedError, ProtocolError) as error:
            return refusal(request.id, str(error))
        except OSError as error:
            log.exception("request failed")
            reason = error.strerror or str(error)
            return refusal(request.id, f"That could not be written or started ({reason}).")
        except Exception as error:
            log.exception("request failed")
            return refusal(request.id, f"Internal error ({error}); see {self.home.supervisor_log}.")

    def subscribe(self, request: Subscribe, client: Connection) -> list[SessionRecord] | None:
        """Return all records, or send them in parts beforehand; the server sends changes."""
        records = self.supervisor.records()
        if not request.is_in_parts:
            return records
        for first in range(0, len(records), PART_RECORDS):
            client.post(RecordsTold(records=records[first : first + PART_RECORDS]))
        return None

    async def run_checkpoint_task(self, request: CheckpointTask, client: Connection) -> Any:
        """Have a task use a session's checkpoint; return its payload and keep its figures."""
        record = self.supervisor.record(request.session_id)
        result = await self.tasks.run_on_checkpoint(record, request, _sender(client))
        if result.figures and not request.is_best:
            self.supervisor.record_changes.keep_figures(request.session_id, result.figures)
        return result.payload

    def status(self) -> dict[str, Any]:
        """Return what `mnist-tui supervisor status` shows."""
        return {
            "pid": os.getpid(),
            "home": str(self.home.path),
            "socket": str(self.home.socket),
            "sessions": len(self.supervisor.records()),
            "workers": self.supervisor.num_workers,
            "is_warm": self.executor.is_warm,
            "slots": self.supervisor.slots,
            "started_at": self._started_at,
        }

    def shut_down(self, request: Shutdown) -> None:
        """Leave after the reply is on its way."""
        self.is_restart = request.is_restart
        asyncio.get_running_loop().call_soon(self._leave.set)


def _sender(client: Connection) -> Callable[[str], None]:
    return lambda text: client.post(TaskProgressed(text=text))


_HANDLERS: dict[type, Callable[[Service, Any, Connection], Any]] = {
    Subscribe: Service.subscribe,
    List: lambda service, _request, _client: service.supervisor.records(),
    Get: lambda service, request, _client: service.supervisor.record(request.session_id),
    Create: lambda service, request, client: service.supervisor.create(
        request, client.by, _sender(client)
    ),
    KeepStudy: lambda service, request, client: service.supervisor.begin_study_run(
        request, client, service.server.connections
    ),
    ChangeState: lambda service, request, client: service.supervisor.change(
        request.session_id, request.action, client.by
    ),
    Label: lambda service, request, client: service.supervisor.record_changes.label(
        request, client.by
    ),
    Move: lambda service, request, client: service.supervisor.record_changes.move(
        request, client.by
    ),
    KeepCheckpoint: lambda service, request, client: (
        service.supervisor.worker_requests.take_snapshot(
            request.session_id, request.name, client.by
        )
    ),
    Profile: lambda service, request, client: service.supervisor.worker_requests.profile(
        request, client.by
    ),
    Summarize: lambda service, request, _client: service.tasks.summarize(
        request.parameters, Path(request.data_dir), request.environment
    ),
    **dict.fromkeys(CheckpointTask.__subclasses__(), Service.run_checkpoint_task),
    Warm: lambda service, request, _client: service.supervisor.prepare(request),
    Status: lambda service, _request, _client: service.status(),
    Shutdown: lambda service, request, _client: service.shut_down(request),
}
"""Handlers by kind of request; each returns the payload of the reply, or an awaitable of it."""
