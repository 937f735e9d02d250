"""Admission: what a request to create a session must pass before anything is created."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets import dataset_folder
from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.user_datasets import own_names
from mnist_tui.storage.errors import DatasetMissingError, StorageError
from mnist_tui.storage.records import SessionRecord, utc_now
from mnist_tui.storage.results.study_definitions import check_run_name
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.parameters.hyperparameters import (
    FIELDS,
    Hyperparameters,
    ParameterError,
    Problem,
    to_plain,
)
from mnist_tui.training.parameters.image_sources import digest_of_files
from mnist_tui.training.parameters.labels import check_label, check_note, check_tags
from mnist_tui.training.parameters.pretrained import (
    PRETRAINED,
    WeightsMissingError,
    checked_path,
    weights_folder,
)
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.environment import CODE_VARIABLE, FORWARDED_VARIABLES
from mnist_tui.training.sessions.rules import WAITS_FOR_SLOT
from mnist_tui.training.supervisor.tasks import TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.training.executors.executor import Executor
    from mnist_tui.training.protocol.requests import Create
    from mnist_tui.training.supervisor.tasks import Tasks

    OnProgress = Callable[[str], None]

REFUSALS = (ParameterError, TaskError, StorageError)
"""The errors of `Admission.check` that are sentences for the user."""


@dataclass(frozen=True)
class Admitted:
    """A request that passed every check."""

    parameters: Hyperparameters
    name: str
    tags: tuple[str, ...]
    note: str


class Admission:
    """Checks of requests, which download or import missing data on the way."""

    def __init__(
        self, executor: Executor, tasks: Tasks, mirror: str | None, default_threads: int
    ) -> None:
        self._executor = executor
        self._tasks = tasks
        self._mirror = mirror
        self._default_threads = default_threads
        self._imported: dict[tuple[str, str, str], str] = {}
        """Dataset names by image folder, dataset folder, and a digest of the images."""
        self._verified: set[tuple[tuple[str, int, int, int], ...]] = set()
        """Identities of dataset files whose checksums are known to be right."""

    async def check(self, request: Create, on_progress: OnProgress) -> Admitted:
        """Check a request; download its dataset and its pretrained weights if they are missing.

        A folder of images becomes a dataset, and a user's model is trained for a moment.

        Raises:
            ParameterError: It lists every parameter, name and tag that cannot be used.
            TaskError: The dataset or the weights are missing and cannot be downloaded or made.
            StorageError: The dataset or the weights are damaged.
        """
        labels, problems = _checked_labels(request)
        # First without the data, so that a typing error never waits for a download.
        parameters = self._resolve(request.parameters, {}, problems)
        if reason := self._executor.missing_device(parameters.device, request.environment):
            problems.append(Problem(FIELDS["device"].name, reason))
        if problems:
            raise ParameterError(problems)
        if not (request.is_held or request.is_dry_run):
            self._tasks.warm()  # while the data is checked, and only for what will start
        values, data_dir = request.parameters, Path(request.data_dir)
        dataset = parameters.dataset
        if Path(dataset).is_absolute():
            dataset = await self._imported_dataset(Path(dataset), data_dir, on_progress)
            values = {**values, "dataset": dataset}
        sizes = await self._sizes(data_dir, dataset, on_progress)
        parameters = self._resolve(values, {dataset: sizes}, [])
        await self._download_weights(parameters, request, on_progress)
        if is_own_model(parameters.model):
            on_progress(f"Trying {parameters.model}")
            await self._tasks.try_user_model(
                to_plain(parameters), request.data_dir, request.environment
            )
        name = labels["name"] or f"{parameters.model}-{parameters.dataset}"
        return Admitted(parameters, **{**labels, "name": name})

    async def prepare_dataset(self, data_dir: Path, dataset: str) -> None:
        """Make a dataset that needs no download, and verify one that is there, as `check` would.

        Problems with it are left for `check` to report.
        """
        if dataset not in DATASETS:
            return
        with suppress(TaskError, StorageError, OSError):
            try:
                await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
            except DatasetMissingError:
                if DATASETS[dataset].torchvision_class is not None:
                    return
                await self._tasks.download_dataset(dataset, data_dir, None)
            await asyncio.to_thread(self._verify_once, data_dir, dataset)

    def _resolve(
        self,
        values: dict[str, Any],
        sizes: dict[str, dataset_folder.DatasetSizes],
        problems: list[Problem],
    ) -> Hyperparameters:
        try:
            return resolve(values, sizes=sizes, default_threads=self._default_threads)
        except ParameterError as error:
            raise ParameterError([*problems, *error.problems]) from None

    async def _sizes(
        self, data_dir: Path, dataset: str, on_progress: OnProgress
    ) -> dataset_folder.DatasetSizes:
        try:
            sizes = await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
        except DatasetMissingError:
            if dataset not in DATASETS:
                raise
            await self._tasks.download_dataset(dataset, data_dir, self._mirror, on_progress)
            sizes = await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
        await asyncio.to_thread(self._verify_once, data_dir, dataset)
        return sizes

    async def _download_weights(
        self, parameters: Hyperparameters, request: Create, on_progress: OnProgress
    ) -> None:
        if not parameters.pretrained:
            return
        folder = weights_folder({**os.environ, **request.environment})
        try:
            await asyncio.to_thread(checked_path, folder, PRETRAINED[parameters.model])
        except WeightsMissingError:
            await self._tasks.download_weights(parameters.model, folder, self._mirror, on_progress)

    async def _imported_dataset(self, folder: Path, data_dir: Path, on_progress: OnProgress) -> str:
        """Return the name of a folder's dataset; the folder is imported again if it has changed."""
        try:
            digest = await asyncio.to_thread(digest_of_files, folder)
        except OSError:  # the import reports what is wrong with it
            return await self._tasks.import_folder(folder, data_dir, on_progress)
        key = str(folder), str(data_dir), digest
        name = self._imported.get(key)
        if name is None or name not in await asyncio.to_thread(own_names, data_dir):
            name = await self._tasks.import_folder(folder, data_dir, on_progress)
            self._imported[key] = name
        return name

    def _verify_once(self, data_dir: Path, dataset: str) -> None:
        folder = dataset_folder.raw_folder(data_dir, dataset)
        names = dataset_folder.file_names(dataset).values()
        identity = tuple(
            (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
            for path in (folder / name for name in names)
            for status in (path.stat(),)
        )
        if identity not in self._verified:
            dataset_folder.verify(data_dir, dataset)
            self._verified.add(identity)


def new_record(admitted: Admitted, request: Create, session_id: int, boot_id: str) -> SessionRecord:
    """Return the record of a new session: queued, behind all others."""
    now = utc_now()
    names = set(FORWARDED_VARIABLES) & set(request.environment)
    if not is_own_model(admitted.parameters.model):
        names.discard(CODE_VARIABLE)
    return SessionRecord(
        id=session_id,
        name=admitted.name,
        tags=admitted.tags,
        note=admitted.note,
        parameters=to_plain(admitted.parameters),
        environment={
            name: request.environment[name] for name in FORWARDED_VARIABLES if name in names
        },
        data_dir=request.data_dir,
        created_at=now,
        queued_at=now,
        is_held=request.is_held,
        study=request.study,
        cause=None if request.is_held else WAITS_FOR_SLOT,
        boot_id=boot_id,
    )


def _checked_labels(request: Create) -> tuple[dict[str, Any], list[Problem]]:
    """Return name, tags and note, and the problems of the request's labels."""
    labels: dict[str, Any] = {"name": "", "tags": (), "note": ""}
    problems = []
    checks: list[tuple[str, str, Callable[[], Any]]] = [
        ("name", "name", lambda: check_label(request.name) if request.name else ""),
        ("tags", "tag", lambda: check_tags(request.tags)),
        ("note", "note", lambda: check_note(request.note)),
    ]
    if (place := request.study) is not None:
        checks.append(("", "study", lambda: check_run_name(place.run)))
        checks.append(("", "study", lambda: check_label(place.row, "row")))
    for label, field, check in checks:
        try:
            value = check()
        except ValueError as error:
            problems.append(Problem(field, str(error)))
        else:
            if label:
                labels[label] = value
    return labels, problems
