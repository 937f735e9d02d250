"""The supervisor's process: takes the lock, listens, answers, and leaves when nobody needs it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.errors import LockHeldError, StorageError
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.executors.fork_server import Spawner
from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.parameters.outlier_source import SIGNS
from mnist_tui.training.parameters.settings import SettingsError, load_settings
from mnist_tui.training.protocol.messages import (
    AnyRequest,
    ChangeState,
    Create,
    Evaluate,
    Get,
    KeepCheckpoint,
    KeepStudy,
    Label,
    List,
    Move,
    Profile,
    ProtocolError,
    RecordsTold,
    Reply,
    ShowOutliers,
    Shutdown,
    Status,
    Subscribe,
    Summarize,
    SupervisorClosing,
    TaskProgressed,
    Warm,
)
from mnist_tui.training.sessions.rules import RequestRefusedError
from mnist_tui.training.studies.study_run_keeper import StudyRunKeeper
from mnist_tui.training.supervisor.admission import REFUSALS
from mnist_tui.training.supervisor.guard import EXIT_REFUSED
from mnist_tui.training.supervisor.server import Connection, Server, SocketError, refusal
from mnist_tui.training.supervisor.supervisor import Supervisor
from mnist_tui.training.supervisor.supervisor_lock import take_lock
from mnist_tui.training.supervisor.tasks import Tasks
from mnist_tui.training.supervisor.workers import Workforce

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord

TICK_S = 1.0
FIRST_CLIENT_TIMEOUT_S = 60.0
"""An ephemeral supervisor whose starter died waits no longer for anybody."""
PART_RECORDS = 100
"""Records that a subscriber is told at once: a millisecond's work for it."""

log = logging.getLogger("supervisor")


@dataclass(frozen=True)
class Idle:
    """How long nothing must happen before memory is given back."""

    exit_after_s: float
    """Without clients and workers the supervisor leaves."""
    cool_after_s: float
    """Without workers and tasks the fork server is dropped; it weighs 540 MB."""


IDLE = Idle(exit_after_s=30 * 60.0, cool_after_s=10 * 60.0)


def serve(
    home_path: Path,
    *,
    slots: int | None,
    mirror: str | None,
    is_ephemeral: bool,
    idle: Idle,
    ready_fd: int | None,
) -> int:
    """Run the supervisor of a home until it is told to leave or is idle; return its exit code.

    Args:
        home_path: The home to serve.
        slots: Sessions at the same time; None takes the setting.
        mirror: URL that datasets are downloaded from; None takes the setting.
        is_ephemeral: Leave, and remove the home, as soon as the last client has gone.
        idle: When to leave, and when to drop the fork server.
        ready_fd: Where to write `ready`, or the sentence of why not.
    """
    os.umask(0o077)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr
    )
    home = Home(home_path)
    try:
        home.prepare()
        settings = load_settings()
        lock = take_lock(home)
        registry = Registry.open(home)
        service = Service(
            home,
            registry,
            slots or settings.slots,
            mirror or settings.mirror,
            is_ephemeral,
            idle,
        )
    except LockHeldError:
        _tell_starter(ready_fd, "another supervisor serves this home, or still saves; try again.")
        return EXIT_REFUSED
    except (StorageError, SettingsError) as error:
        _tell_starter(ready_fd, str(error))
        return EXIT_REFUSED
    with lock:
        for notice in registry.notices:
            log.warning("%s", notice)
        try:
            asyncio.run(service.run(ready_fd))
        except SocketError as error:
            _tell_starter(ready_fd, str(error))
            return EXIT_REFUSED
    if is_ephemeral:
        shutil.rmtree(home.path, ignore_errors=True)
    return 0


class Service:
    """Connects socket, supervisor, tasks and workers, and knows when to leave."""

    def __init__(
        self,
        home: Home,
        registry: Registry,
        slots: int,
        mirror: str | None,
        is_ephemeral: bool,
        idle: Idle,
    ) -> None:
        self._home = home
        self._idle = idle
        self._is_ephemeral = is_ephemeral
        self._leave = asyncio.Event()
        self._is_restart = True
        self._started_at = utc_now()
        self._spawner = Spawner()
        self._tasks = Tasks(home, self._spawner)
        self._workforce = Workforce(self._spawner)
        self._runs = StudyRunKeeper(home)
        self._server = Server(home, self._handle)
        self._supervisor = Supervisor(
            home,
            registry,
            self._tasks,
            self._workforce,
            slots=slots,
            mirror=mirror,
            publish=self._server.publish,
        )

    async def run(self, ready_fd: int | None) -> None:
        """Serve until told to leave."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave.set)
        await self._server.listen()
        self._supervisor.recover()
        _tell_starter(ready_fd, "ready")
        log.info("serves %s as pid %d", self._home.path, os.getpid())
        watch = asyncio.create_task(self._watch_idleness())
        await self._leave.wait()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        self._server.stop_listening()
        await self._supervisor.close(is_stop=not self._is_restart)
        await self._server.close(SupervisorClosing())
        self._spawner.close()
        log.info("leaves")

    async def _watch_idleness(self) -> None:
        idle_since = started_at = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self._supervisor.save_unsaved()
            await self._server.keep_listening()
            if not self._supervisor.is_idle:
                idle_since = now
            elif now - idle_since > self._idle.cool_after_s:
                self._spawner.drop_fork_server()
            has_clients = bool(self._server.connections)
            was_left = self._server.had_clients or now - started_at > FIRST_CLIENT_TIMEOUT_S
            if self._is_ephemeral and was_left and not has_clients:
                self._is_restart = False
                self._leave.set()
            elif not has_clients and now - idle_since > self._idle.exit_after_s:
                self._leave.set()

    async def _handle(self, request: AnyRequest, connection: Connection) -> Reply:
        try:
            return Reply(id=request.id, payload=await self._answer(request, connection))
        except ParameterError as error:
            return refusal(request.id, f"Nothing was started: {error}.", error.problems)
        except REFUSALS as error:
            return refusal(request.id, str(error))
        except (RequestRefusedError, ProtocolError) as error:
            return refusal(request.id, str(error))
        except OSError as error:
            log.exception("request failed")
            reason = error.strerror or str(error)
            return refusal(request.id, f"That could not be written or started ({reason}).")
        except Exception as error:
            log.exception("request failed")
            return refusal(
                request.id, f"Internal error ({error}); see {self._home.supervisor_log}."
            )

    async def _answer(self, request: AnyRequest, connection: Connection) -> Any:
        supervisor = self._supervisor
        match request:
            case Subscribe(is_in_parts=True):
                return _tell_in_parts(supervisor.records(), connection)
            case List() | Subscribe():
                return supervisor.records()
            case Get(session_id=session_id):
                return supervisor.record(session_id)
            case Create():
                return await supervisor.create(
                    request, connection.by, lambda text: connection.post(TaskProgressed(text=text))
                )
            case KeepStudy():
                return self._runs.keep(
                    request, connection, self._server.connections, supervisor.records()
                )
            case ChangeState(session_id=session_id, action=action):
                return supervisor.change(session_id, action, connection.by)
            case Label():
                return supervisor.record_changes.label(request, connection.by)
            case Move():
                return supervisor.record_changes.move(request, connection.by)
            case KeepCheckpoint(session_id=session_id, name=name):
                return await supervisor.snapshots.take(session_id, name, connection.by)
            case Profile():
                return await supervisor.profiles.make(request, connection.by)
            case Summarize():
                return await self._tasks.summarize(
                    request.parameters, Path(request.data_dir), request.environment
                )
            case Evaluate():
                return await self._evaluate(request, connection)
            case ShowOutliers():
                return await self._show_outliers(request, connection)
            case Warm():
                supervisor.get_ready(request)
                return None
            case Status():
                return self._status()
            case Shutdown(is_restart=is_restart):
                self._is_restart = is_restart
                asyncio.get_running_loop().call_soon(self._leave.set)
                return None
            case _:
                raise ProtocolError("say hello only once")

    async def _evaluate(self, request: Evaluate, connection: Connection) -> dict[str, Any]:
        evaluation = await self._tasks.evaluate(
            self._supervisor.record(request.session_id),
            is_best=request.is_best,
            tell=lambda text: connection.post(TaskProgressed(text=text)),
        )
        if not request.is_best:
            self._supervisor.record_changes.keep_ece(request.session_id, evaluation["ece"])
        return evaluation

    async def _show_outliers(self, request: ShowOutliers, connection: Connection) -> dict[str, Any]:
        test = await self._tasks.show_outliers(
            self._supervisor.record(request.session_id),
            request.source,
            is_best=request.is_best,
            tell=lambda text: connection.post(TaskProgressed(text=text)),
        )
        if request.source == SIGNS and not request.is_best:
            self._supervisor.record_changes.keep_outlier_auroc(
                request.session_id, test["auroc_energy"]
            )
        return test

    def _status(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "home": str(self._home.path),
            "socket": str(self._home.socket),
            "sessions": len(self._supervisor.records()),
            "workers": len(self._workforce),
            "is_warm": self._spawner.is_warm,
            "slots": self._supervisor.slots,
            "started_at": self._started_at,
        }


def _tell_in_parts(records: list[SessionRecord], connection: Connection) -> None:
    for first in range(0, len(records), PART_RECORDS):
        connection.post(RecordsTold(records=records[first : first + PART_RECORDS]))


def _tell_starter(ready_fd: int | None, text: str) -> None:
    if ready_fd is not None:
        os.write(ready_fd, text.encode())
        os.close(ready_fd)
