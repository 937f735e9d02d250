"""Tasks: short pieces of work that need torch, run beside the sessions without taking a slot."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.atomic import write_atomic
from mnist_tui.storage.datasets.dataset_folder import dataset_info
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.parameters.catalog import MODELS, is_own_model
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.protocol.assignment import TaskAssignment
from mnist_tui.training.protocol.requests import TASKS, CheckpointTaskResult
from mnist_tui.training.protocol.worker_messages import TaskTold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.executors.executor import Executor
    from mnist_tui.training.protocol.requests import CheckpointTask
    from mnist_tui.training.protocol.worker_messages import Report

    OnProgress = Callable[[str], None]

SUMMARY_FIELDS = (
    "model",
    *sorted({option for model in MODELS.values() for option in model.options}),
)
"""The parameters that shape a network, besides the number of classes."""

FIRST_DATASET = FIELDS["dataset"].default


def ignore(_text: str) -> None:
    """Drop a progress text."""


class TaskError(Exception):
    """A task failed; the text is a sentence for the user."""


class Tasks:
    """The running tasks, at most one of a kind with the same arguments."""

    def __init__(self, home: Home, executor: Executor) -> None:
        self._home = home
        self._executor = executor
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    @property
    def is_idle(self) -> bool:
        """True if no task runs."""
        return not self._running

    def warm(self) -> None:
        """Have torch loaded for the next start, unless it is being loaded or is there already."""
        if not self._executor.is_warm:
            self._begin("warm", {})

    async def download_dataset(
        self, name: str, data_dir: Path, mirror: str | None, on_progress: OnProgress = ignore
    ) -> None:
        """Download or convert a dataset; a second request waits for the first.

        Raises:
            TaskError: It cannot be had; the text says what to do.
        """
        arguments = {"name": name, "data_dir": str(data_dir), "mirror": mirror}
        await self._join("dataset", arguments, on_progress)

    async def download_weights(
        self, model: str, folder: Path, mirror: str | None, on_progress: OnProgress
    ) -> None:
        """Download pretrained weights; a second request waits for the first.

        Raises:
            TaskError: They cannot be had; the text says what to do.
        """
        arguments = {"model": model, "folder": str(folder), "mirror": mirror}
        await self._join("weights", arguments, on_progress)

    async def import_folder(self, folder: Path, data_dir: Path, on_progress: OnProgress) -> str:
        """Make a dataset of a folder of images and return its name.

        Raises:
            TaskError: It cannot be made; the text says what to do.
        """
        arguments = {"folder": str(folder), "data_dir": str(data_dir)}
        name: str = await self._join("pictures", arguments, on_progress)
        return name

    async def try_user_model(
        self, parameters: dict[str, Any], data_dir: str, environment: dict[str, str]
    ) -> None:
        """Train a user's model for a moment and discard the result.

        Raises:
            TaskError: It cannot be trained; the text gives the reason.
        """
        arguments = {"parameters": parameters, "data_dir": data_dir, "environment": environment}
        await self._join("trial", arguments)

    async def summarize(
        self, parameters: dict[str, Any], data_dir: Path, environment: dict[str, str]
    ) -> dict[str, Any]:
        """Return the layers of a model, from the cache where it has them.

        Args:
            parameters: Those of a session, or some of them.
            data_dir: The dataset folder.
            environment: That of the session's worker; it leads to a user's model.

        Raises:
            TaskError: The model cannot be built.
            StorageError: The dataset is unknown.
        """
        dataset = dataset_info(data_dir, str(parameters.get("dataset", FIRST_DATASET)))
        shape: dict[str, Any] = {
            "parameters": {name: parameters[name] for name in SUMMARY_FIELDS if name in parameters},
            "num_classes": len(dataset.classes),
        }
        if is_own_model(str(parameters.get("model"))):  # its code may change from call to call
            shape["environment"] = environment
            own: dict[str, Any] = await self._join("summary", shape)
            return own
        digest = hashlib.sha256(msgspec.json.encode(shape, order="sorted")).hexdigest()[:32]
        cached = self._home.summaries / f"{digest}.json"
        with suppress(FileNotFoundError, msgspec.DecodeError):
            summary: dict[str, Any] = msgspec.json.decode(cached.read_bytes())
            return summary
        result: dict[str, Any] = await self._join("summary", shape)
        cached.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(cached, msgspec.json.encode(result))
        return result

    async def run_on_checkpoint(
        self, record: SessionRecord, request: CheckpointTask, on_progress: OnProgress
    ) -> CheckpointTaskResult:
        """Carry out `request` with a session's newest or best checkpoint.

        Raises:
            TaskError: It has no such checkpoint, or images, data or the disk cannot be used.
        """
        arguments = {
            **msgspec.to_builtins(msgspec.structs.asdict(request)),
            "folder": str(self._home.session(record.id)),
            "data_dir": record.data_dir,
            "parameters": record.parameters,
            "environment": record.environment,
            "device": record.device,
        }
        del arguments["id"], arguments["session_id"]
        result = await self._join(request.kind, arguments, on_progress)
        return msgspec.convert(result, CheckpointTaskResult)

    async def close(self) -> None:
        """End every task."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _join(
        self, kind: str, arguments: dict[str, Any], on_progress: OnProgress = ignore
    ) -> Any:
        key, task = self._begin(kind, arguments)
        listeners = self._listeners[key]
        listeners.append(on_progress)
        try:
            # The task goes on for others if the client that began it hangs up.
            return await asyncio.shield(task)
        finally:
            listeners.remove(on_progress)

    def _begin(self, kind: str, arguments: dict[str, Any]) -> tuple[str, asyncio.Task[Any]]:
        key = f"{kind} {msgspec.json.encode(arguments, order='sorted').decode()}"
        if key not in self._running:
            self._listeners[key] = []
            self._running[key] = asyncio.create_task(self._run(kind, arguments, key))
            self._running[key].add_done_callback(_retrieve)
        return key, self._running[key]

    async def _run(self, kind: str, arguments: dict[str, Any], key: str) -> Any:
        def on_report(report: Report) -> None:
            if isinstance(report, TaskTold):
                for listener in self._listeners[key]:
                    listener(report.text)

        time_limit_s = TASKS[kind].time_limit_s
        handle = self._executor.start(TaskAssignment(kind=kind, arguments=arguments), on_report)
        try:
            async with asyncio.timeout(time_limit_s):
                end = await handle.wait()
        except TimeoutError:
            raise TaskError(
                f"The {kind} task took more than {time_limit_s:g} s and was ended;"
                f" see {handle.log}."
            ) from None
        finally:
            handle.kill()
            del self._running[key]
        if end.status is not ExitStatus.FINISHED:
            raise TaskError(_error_text(kind, end, handle.log))
        return end.result


def _error_text(kind: str, end: Exit, log: str) -> str:
    if end.status is ExitStatus.NOT_STARTED:
        return f"The {kind} task could not be started ({end.cause}); try again in a moment."
    if end.status is ExitStatus.LOST:
        return f"The {kind} task {end.cause}; see {log}."
    return f"The {kind} task ended ({end.cause}); see {log}." if end.is_sudden else str(end.cause)


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Retrieve the error of a task that no client waits for; it only costs time later."""
    if not task.cancelled():
        task.exception()
