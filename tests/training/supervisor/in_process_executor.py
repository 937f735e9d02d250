"""An executor without processes: workers and tasks answer on the event loop of the test."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tui.storage.records import CheckpointInfo, Position, Progress, utc_now
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.protocol.assignment import TaskAssignment, WorkerAssignment
from mnist_tui.training.protocol.worker_messages import (
    CheckpointSaved,
    Done,
    Progressed,
    Ready,
    Report,
    Seen,
    TaskTold,
    WorkerCommand,
)
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.dataset_files import write_small_dataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mnist_tui.storage.home import Home


class InProcessHandle:
    """A worker that is ready at once and carries every command out at the step it has reached."""

    pid = None
    log = "the test's memory"

    def __init__(self, on_report: Callable[[Report], None]) -> None:
        self._on_report = on_report
        self._exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.is_deaf = False
        """Whether it never answers a command."""
        self.step = 0

    def report(self, report: Report) -> None:
        asyncio.get_running_loop().call_soon(self._on_report, report)

    def train(self, step: int) -> None:
        self.step = step
        self.report(Progressed(progress=Progress(position=Position(step=step))))

    def end(self, status: ExitStatus, cause: str | None = None, result: object = None) -> None:
        if not self._exit.done():
            self._exit.set_result(Exit(status, cause, result))

    def send(self, command: WorkerCommand) -> None:
        if self.is_deaf:
            return
        number, action, time = command.number, command.action, utc_now()
        self.report(Seen(number=number, step=self.step, time=time))
        if action is Trigger.SNAPSHOT:
            self.report(CheckpointSaved(info=saved(self.step, command.name)))
        self.report(Done(number=number, action=action, step=self.step, time=time))
        if action is Trigger.STOP:
            asyncio.get_running_loop().call_soon(self.end, ExitStatus.STOPPED)

    def kill(self) -> None:
        self.end(ExitStatus.SIGNALLED, "killed by SIGKILL")

    def hang_up(self) -> None:
        self.end(ExitStatus.ORPHANED)

    async def wait(self) -> Exit:
        return await self._exit


class InProcessExecutor:
    """Workers by session in `workers`; sessions in `holders` belong to an earlier supervisor."""

    is_warm = True

    def __init__(self, _home: Home | None = None, boot_id: str = "this boot") -> None:
        self.boot_id = boot_id
        self.workers: dict[int, InProcessHandle] = {}
        self.assignments: list[WorkerAssignment | TaskAssignment] = []
        self.holders: dict[int, str] = {}

    def start(
        self, assignment: WorkerAssignment | TaskAssignment, on_report: Callable[[Report], None]
    ) -> InProcessHandle:
        self.assignments.append(assignment)
        handle = InProcessHandle(on_report)
        if isinstance(assignment, WorkerAssignment):
            self.workers[assignment.session_id] = handle
            handle.report(
                Ready(device="here", num_parameters=7, fingerprint={}, progress=Progress())
            )
        elif assignment.kind == "dataset":
            handle.report(TaskTold(text="Writing images"))
            write_small_dataset(Path(assignment.arguments["data_dir"]), num_train=250)
            asyncio.get_running_loop().call_soon(handle.end, ExitStatus.FINISHED)
        else:
            handle.end(ExitStatus.FINISHED)
        return handle

    def holder(self, session_id: int) -> str | None:
        return self.holders.get(session_id)

    async def until_free(self, session_id: int) -> None:
        while session_id in self.holders:
            await asyncio.sleep(0.001)

    def reserve(self, _session_id: int) -> AbstractContextManager[None]:
        return nullcontext()

    def default_threads(self, _slots: int) -> int:
        return 1

    def missing_device(self, device: str, _environment: dict[str, str]) -> str | None:
        return None if device in ("auto", "cpu") else f"there is no {device} in this test"

    def cool(self) -> None:
        pass

    def close(self) -> None:
        pass


def saved(step: int, name: str) -> CheckpointInfo:
    return CheckpointInfo(
        file=f"{step}.pt", num_bytes=1, sha256="", position=Position(step=step), epoch=1.0,
        reason="snapshot", is_best=False, generation=1, fingerprint={}, created_at=utc_now(),
        name=name,
    )  # fmt: skip
