"""Short pieces of work that need torch, each in a process of its own that takes no session slot."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.atomic import write_atomic
from mnist_tui.storage.datasets.dataset_folder import dataset_info
from mnist_tui.training.executors.local_process import RunningChild
from mnist_tui.training.parameters.catalog import MODELS, is_own_model
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.protocol.assignment import TaskAssignment
from mnist_tui.training.protocol.worker_messages import Report, TaskTold
from mnist_tui.training.worker import task_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.executors.fork_server import Spawner
    from mnist_tui.training.parameters.outlier_source import OutlierSource

TIME_LIMITS_S = {
    "warm": 120.0,
    "summary": 60.0,
    "dataset": 1800.0,
    "pictures": 1800.0,
    "trial": 120.0,
    "weights": 1800.0,
    "evaluate": 900.0,
    "outliers": 900.0,
}
"""Wall-clock limit of each kind of task."""

SUMMARY_FIELDS = (
    "model",
    *sorted({option for model in MODELS.values() for option in model.options}),
)
"""The parameters that shape a network, beside the number of classes it tells apart."""

FIRST_DATASET = FIELDS["dataset"].default


class TaskError(Exception):
    """A task failed; the text is a sentence for the user."""


class Tasks:
    """Runs tasks, at most one of a kind with the same arguments at a time."""

    def __init__(self, home: Home, spawner: Spawner) -> None:
        self._home = home
        self._spawner = spawner
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._listeners: dict[str, list[Callable[[str], None]]] = {}
        self._count = 0

    @property
    def is_idle(self) -> bool:
        """Whether no task runs."""
        return not self._running

    def warm(self) -> None:
        """Have torch loaded for the next start, unless that is under way or done."""
        if not self._spawner.is_warm:
            self._begin("warm", {})

    async def obtain_dataset(self, arguments: dict[str, Any], tell: Callable[[str], None]) -> None:
        """Download or convert a dataset; a second request waits for the first.

        Raises:
            TaskError: It could not be had; the text says what to do.
        """
        await self._join("dataset", arguments, tell)

    async def obtain_weights(self, arguments: dict[str, Any], tell: Callable[[str], None]) -> None:
        """Download pretrained weights; a second request waits for the first.

        Raises:
            TaskError: They could not be had; the text says what to do.
        """
        await self._join("weights", arguments, tell)

    async def convert_pictures(
        self, folder: Path, data_dir: Path, tell: Callable[[str], None]
    ) -> str:
        """Make a dataset of a folder of pictures and return its name.

        Raises:
            TaskError: It could not be made; the text says what to do.
        """
        arguments = {"folder": str(folder), "data_dir": str(data_dir)}
        name: str = await self._join("pictures", arguments, tell)
        return name

    async def try_own_model(
        self, parameters: dict[str, Any], data_dir: str, environment: dict[str, str]
    ) -> None:
        """Train a model of the user's for a moment, and throw away what came of it.

        Raises:
            TaskError: It cannot be trained; the text says why.
        """
        arguments = {"parameters": parameters, "data_dir": data_dir, "environment": environment}
        await self._join("trial", arguments, _ignore)

    async def summarize(
        self, parameters: dict[str, Any], data_dir: Path, environment: dict[str, str]
    ) -> dict[str, Any]:
        """Return the layers of a model, from the cache where it has them.

        Args:
            parameters: Those of a session, or some of them.
            data_dir: The dataset folder.
            environment: What the session's worker would find; it leads to a model of the user's.

        Raises:
            TaskError: The model cannot be built.
            StorageError: The dataset is not known.
        """
        dataset = dataset_info(data_dir, str(parameters.get("dataset", FIRST_DATASET)))
        shape: dict[str, Any] = {
            "parameters": {name: parameters[name] for name in SUMMARY_FIELDS if name in parameters},
            "num_classes": len(dataset.classes),
        }
        if is_own_model(str(parameters.get("model"))):  # its code may change from call to call
            shape["environment"] = environment
            own: dict[str, Any] = await self._join("summary", shape, _ignore)
            return own
        digest = hashlib.sha256(msgspec.json.encode(shape, order="sorted")).hexdigest()[:32]
        cached = self._home.summaries / f"{digest}.json"
        with suppress(FileNotFoundError, msgspec.DecodeError):
            found: dict[str, Any] = msgspec.json.decode(cached.read_bytes())
            return found
        result: dict[str, Any] = await self._join("summary", shape, _ignore)
        cached.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(cached, msgspec.json.encode(result))
        return result

    async def evaluate(
        self, record: SessionRecord, *, is_best: bool, tell: Callable[[str], None]
    ) -> dict[str, Any]:
        """Score the test set with the newest or best checkpoint of a session, and store that.

        Raises:
            TaskError: It has no such checkpoint, or the data or the disk cannot be used.
        """
        arguments = self._weights_of(record, is_best=is_best)
        evaluation: dict[str, Any] = await self._join("evaluate", arguments, tell)
        return evaluation

    async def show_outliers(
        self,
        record: SessionRecord,
        source: OutlierSource,
        *,
        is_best: bool,
        tell: Callable[[str], None],
    ) -> dict[str, Any]:
        """Show images of no digit to the newest or best checkpoint of a session, and store that.

        Raises:
            TaskError: It has no such checkpoint, or images, data or the disk cannot be used.
        """
        arguments = self._weights_of(record, is_best=is_best)
        arguments["source"] = msgspec.to_builtins(source)
        test: dict[str, Any] = await self._join("outliers", arguments, tell)
        return test

    def _weights_of(self, record: SessionRecord, *, is_best: bool) -> dict[str, Any]:
        return {
            "folder": str(self._home.session(record.id)),
            "data_dir": record.data_dir,
            "parameters": record.parameters,
            "environment": record.environment,
            "device": record.device,
            "is_best": is_best,
        }

    async def close(self) -> None:
        """End every task."""
        running = list(self._running.values())
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _join(self, kind: str, arguments: dict[str, Any], tell: Callable[[str], None]) -> Any:
        work = self._begin(kind, arguments)
        listeners = self._listeners[_key(kind, arguments)]
        listeners.append(tell)
        try:
            # The task goes on for others when this one's client hangs up.
            return await asyncio.shield(work)
        finally:
            listeners.remove(tell)

    def _begin(self, kind: str, arguments: dict[str, Any]) -> asyncio.Task[Any]:
        key = _key(kind, arguments)
        if key not in self._running:
            self._listeners[key] = []
            self._running[key] = asyncio.create_task(self._run(kind, arguments, key))
            self._running[key].add_done_callback(_retrieve)
        return self._running[key]

    async def _run(self, kind: str, arguments: dict[str, Any], key: str) -> Any:
        self._count += 1
        self._home.tasks.mkdir(mode=0o700, exist_ok=True)
        log = self._home.tasks / f"{kind}-{self._count}.log"
        child = RunningChild(lambda report: self._tell(key, report))
        try:
            async with asyncio.timeout(TIME_LIMITS_S[kind]):
                assignment = TaskAssignment(kind=kind, log=str(log), arguments=arguments)
                ending = await child.run(self._spawner, task_process.main, assignment)
        except TimeoutError:
            raise TaskError(
                f"The {kind} task took more than {TIME_LIMITS_S[kind]:g} s and was ended;"
                f" see {log}."
            ) from None
        finally:
            child.kill()
            del self._running[key]
        if ending.ended is None or ending.ended.outcome != "finished":
            raise TaskError(_why(kind, ending.start_error, ending.ended, log))
        log.unlink(missing_ok=True)
        return ending.ended.result

    def _tell(self, key: str, report: Report) -> None:
        if isinstance(report, TaskTold):
            for listener in self._listeners[key]:
                listener(report.text)


def _why(kind: str, start_error: str | None, ended: Any, log: Any) -> str:
    if start_error:
        return f"The {kind} task could not be started ({start_error}); try again in a moment."
    if ended is None:
        return f"The {kind} task ended without a word; see {log}."
    return str(ended.message)


def _key(kind: str, arguments: dict[str, Any]) -> str:
    return f"{kind} {msgspec.json.encode(arguments, order='sorted').decode()}"


def _ignore(_text: str) -> None:
    return


def _retrieve(work: asyncio.Task[Any]) -> None:
    if not work.cancelled():
        work.exception()  # who asked may have gone; a failed warm-up only costs time later
