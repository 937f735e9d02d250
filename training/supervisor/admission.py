"""How a request becomes a session: everything is checked before anything is made."""

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
from mnist_tui.training.parameters.image_paths import digest_of_files
from mnist_tui.training.parameters.labels import check_label, check_note, check_tags
from mnist_tui.training.parameters.pretrained import (
    PRETRAINED,
    WeightsMissingError,
    checked_path,
    weights_folder,
)
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.environment import CODE_VARIABLE, FORWARDED_VARIABLES
from mnist_tui.training.sessions import hardware
from mnist_tui.training.sessions.rules import WAITS_FOR_SLOT
from mnist_tui.training.supervisor.tasks import TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import StudyPlace
    from mnist_tui.training.protocol.messages import Create
    from mnist_tui.training.supervisor.tasks import Tasks


@dataclass(frozen=True)
class Order:
    """A request that was found good."""

    parameters: Hyperparameters
    name: str
    tags: tuple[str, ...]
    note: str


async def examine(
    request: Create,
    *,
    tasks: Tasks,
    default_threads: int,
    mirror: str | None,
    tell: Callable[[str], None],
) -> Order:
    """Check a request, fetching its dataset and its pretrained weights where they are missing.

    A folder of pictures becomes a dataset, and a model of the user's is tried.

    Raises:
        ParameterError: With every parameter, name and tag that cannot be used.
        TaskError: The dataset or the weights are missing and could not be had.
        StorageError: The dataset or the weights are damaged.
    """
    problems, name, tags, note = _check_labels(request)
    problems += _check_study(request.study)
    # First without the data, so that a typing error never waits for a download.
    parameters = _resolve(request.parameters, {}, default_threads, problems)
    problems += _check_device(parameters.device, request.environment)
    if problems:
        raise ParameterError(problems)
    if not (request.is_held or request.is_dry_run):
        tasks.warm()  # while the data is looked at, and only for what will start
    given, data_dir = request.parameters, Path(request.data_dir)
    dataset = parameters.dataset
    if Path(dataset).is_absolute():
        dataset = await _own_dataset(Path(dataset), data_dir, tasks, tell)
        given = {**given, "dataset": dataset}
    sizes = await _sizes(data_dir, dataset, tasks, mirror, tell)
    parameters = _resolve(given, {dataset: sizes}, default_threads, [])
    await _obtain_weights(parameters, request, tasks, mirror, tell)
    if is_own_model(parameters.model):
        tell(f"Trying {parameters.model}")
        await tasks.try_own_model(to_plain(parameters), request.data_dir, request.environment)
    return Order(parameters, name or f"{parameters.model}-{parameters.dataset}", tags, note)


async def get_data_ready(data_dir: Path, dataset: str, tasks: Tasks) -> None:
    """Make a dataset that needs no download, and check one that is here, as `examine` would.

    What is wrong with it is left for `examine` to say.
    """
    if dataset not in DATASETS:
        return
    with suppress(TaskError, StorageError, OSError):
        try:
            await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
        except DatasetMissingError:
            if DATASETS[dataset].torchvision_class is not None:
                return
            await _obtain_dataset(data_dir, dataset, tasks, None, _ignore)
        await asyncio.to_thread(_verify_once, data_dir, dataset)


def new_record(order: Order, request: Create, session_id: int, boot_id: str) -> SessionRecord:
    """Return the record of the session that a good request makes: queued, behind all others."""
    now = utc_now()
    sent = request.environment
    names = set(FORWARDED_VARIABLES) & set(sent)
    if not is_own_model(order.parameters.model):
        names.discard(CODE_VARIABLE)
    return SessionRecord(
        id=session_id,
        name=order.name,
        tags=order.tags,
        note=order.note,
        parameters=to_plain(order.parameters),
        environment={name: sent[name] for name in FORWARDED_VARIABLES if name in names},
        data_dir=request.data_dir,
        created_at=now,
        queued_at=now,
        is_held=request.is_held,
        study=request.study,
        cause=None if request.is_held else WAITS_FOR_SLOT,
        boot_id=boot_id,
    )


def _resolve(
    given: dict[str, Any],
    sizes: dict[str, dataset_folder.DatasetSizes],
    default_threads: int,
    problems: list[Problem],
) -> Hyperparameters:
    try:
        return resolve(given, sizes=sizes, default_threads=default_threads)
    except ParameterError as error:
        raise ParameterError([*problems, *error.problems]) from None


def _check_labels(request: Create) -> tuple[list[Problem], str, tuple[str, ...], str]:
    problems: list[Problem] = []
    name, note = "", ""
    tags: tuple[str, ...] = ()
    try:
        name = check_label(request.name) if request.name else ""
    except ValueError as error:
        problems.append(Problem("name", str(error)))
    try:
        tags = check_tags(request.tags)
    except ValueError as error:
        problems.append(Problem("tag", str(error)))
    try:
        note = check_note(request.note)
    except ValueError as error:
        problems.append(Problem("note", str(error)))
    return problems, name, tags, note


def _check_study(place: StudyPlace | None) -> list[Problem]:
    try:
        if place is not None:
            check_run_name(place.run)
            check_label(place.row, "row")
    except ValueError as error:
        return [Problem("study", str(error))]
    return []


def _check_device(device: str, environment: dict[str, str]) -> list[Problem]:
    reason = hardware.why_absent(device, environment.get("CUDA_VISIBLE_DEVICES"))
    return [Problem(FIELDS["device"].name, reason)] if reason else []


async def _sizes(
    data_dir: Path,
    dataset: str,
    tasks: Tasks,
    mirror: str | None,
    tell: Callable[[str], None],
) -> dataset_folder.DatasetSizes:
    try:
        sizes = await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
    except DatasetMissingError:
        if dataset not in DATASETS:
            raise
        await _obtain_dataset(data_dir, dataset, tasks, mirror, tell)
        sizes = await asyncio.to_thread(dataset_folder.inspect, data_dir, dataset)
    await asyncio.to_thread(_verify_once, data_dir, dataset)
    return sizes


async def _obtain_dataset(
    data_dir: Path, dataset: str, tasks: Tasks, mirror: str | None, tell: Callable[[str], None]
) -> None:
    arguments = {"name": dataset, "data_dir": str(data_dir), "mirror": mirror}
    await tasks.obtain_dataset(arguments, tell)


async def _obtain_weights(
    parameters: Hyperparameters,
    request: Create,
    tasks: Tasks,
    mirror: str | None,
    tell: Callable[[str], None],
) -> None:
    if not parameters.pretrained:
        return
    folder = weights_folder({**os.environ, **request.environment})
    try:
        await asyncio.to_thread(checked_path, folder, PRETRAINED[parameters.model])
    except WeightsMissingError:
        arguments = {"model": parameters.model, "folder": str(folder), "mirror": mirror}
        await tasks.obtain_weights(arguments, tell)


async def _own_dataset(
    folder: Path, data_dir: Path, tasks: Tasks, tell: Callable[[str], None]
) -> str:
    """Return the name of the dataset of a folder; it is read again only where it has changed."""
    try:
        seen = str(folder), str(data_dir), await asyncio.to_thread(digest_of_files, folder)
    except OSError:
        return await tasks.convert_pictures(folder, data_dir, tell)  # which says what is wrong
    name = _converted.get(seen)
    if name is None or name not in await asyncio.to_thread(own_names, data_dir):
        name = _converted[seen] = await tasks.convert_pictures(folder, data_dir, tell)
    return name


_converted: dict[tuple[str, str, str], str] = {}
_verified: set[tuple[tuple[str, int, int, int], ...]] = set()


def _verify_once(data_dir: Path, dataset: str) -> None:
    folder = dataset_folder.raw_folder(data_dir, dataset)
    names = dataset_folder.file_names(dataset).values()
    identity = tuple(
        (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
        for path in (folder / name for name in names)
        for status in (path.stat(),)
    )
    if identity not in _verified:
        dataset_folder.verify(data_dir, dataset)
        _verified.add(identity)


def _ignore(_text: str) -> None:
    return


REFUSALS = (ParameterError, TaskError, StorageError)
"""What `examine` raises for the user."""
