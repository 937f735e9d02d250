"""Runner of a benchmark: each measurement in processes of its own; no torch."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.storage.datasets.dataset_files import IMAGES_MAGIC, LABELS_MAGIC
from mnist_tui.storage.datasets.dataset_folder import file_of, raw_folder
from mnist_tui.training.benchmark.benchmark_figures import (
    BenchmarkFigures,
    MeasurementOrder,
    ModelSpeed,
    SessionsSpeed,
    TimeSamples,
)
from mnist_tui.training.benchmark.benchmark_plan import BATCH_SIZE, TURN_S, parameters_of
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.executors.fork_server import Spawner
from mnist_tui.training.executors.local_process import LocalProcess
from mnist_tui.training.protocol.worker_messages import TaskTold, WorkerCommand
from mnist_tui.training.sessions.lifecycle import Trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.training.benchmark.benchmark_plan import BenchmarkPlan
    from mnist_tui.training.protocol.worker_messages import Report

LIMIT_S = 300.0
"""Time limit of one measurement, beyond the seconds that it lasts."""
MEASUREMENT_ENTRY = "mnist_tui.training.benchmark.measurement:main"
DATASET = "mnist"
NUM_TRAIN, NUM_TEST = 60_000, 1_000
NUM_CLASSES = 10
CHUNK = 1_000
ENOUGH = WorkerCommand(number=0, action=Trigger.STOP)


class _Failed(Exception):  # noqa: N818 — becomes a row's problem
    """A measurement has no figures; the text gives the reason."""


class BenchmarkRunner:
    """Runs measurements; every process that it started has ended once it is closed."""

    def __init__(
        self, folder: Path, device: str, seconds: float, on_progress: Callable[[str], None]
    ) -> None:
        """Make a runner.

        Args:
            folder: An empty folder for all files.
            device: auto, cpu, cuda, cuda:N or mps.
            seconds: How long each measurement lasts once it is warm.
            on_progress: Takes a description of each measurement as it begins.
        """
        self._folder = folder
        self._data_dir = folder / "data"
        self._device = device
        self._seconds = seconds
        self._on_progress = on_progress
        self._spawner = Spawner()
        self._count = 0
        self._used_device = device

    async def measure(self, plan: BenchmarkPlan) -> BenchmarkFigures:
        """Carry out a plan and return its figures.

        Raises:
            OSError: There is no room for the images.
        """
        write_synthetic(self._data_dir)
        models, groups = [], {}
        for number, (model, precision) in enumerate(plan.models, start=1):
            self._on_progress(f"{number} of {plan.num_measurements}: {model} in {precision}")
            models.append(await self._model(model, precision, plan.cores))
        main_model = plan.models[0][0]
        for number, (sessions, threads) in enumerate(plan.groups, start=len(plan.models) + 1):
            what = f"{sessions} × {main_model} with {threads} threads"
            self._on_progress(f"{number} of {plan.num_measurements}: {what}")
            groups[sessions, threads] = await self._group(main_model, sessions, threads)
        return BenchmarkFigures(
            device=self._used_device,
            cores=plan.cores,
            model=main_model,
            batch_size=BATCH_SIZE,
            models=tuple(models),
            threads=tuple(groups[1, threads] for threads in plan.threads),
            parallel=tuple(groups[count, plan.threads_of(count)] for count in plan.sessions),
        )

    def close(self) -> None:
        """End the fork server."""
        self._spawner.close()

    async def _model(self, model: str, precision: str, threads: int) -> ModelSpeed:
        """Measure one model alone beside the bare loop."""
        speed = ModelSpeed(model=model, precision=precision, threads=threads)
        order = self._order(model, precision, threads, is_beside_bare_loop=True)
        process = LocalProcess(self._spawner, MEASUREMENT_ENTRY, (order,), _ignore)
        try:
            async with asyncio.timeout(LIMIT_S + self._seconds):
                result = _result(await process.wait())
        except TimeoutError:
            return msgspec.structs.replace(speed, problem=f"took more than {LIMIT_S:g} s")
        except _Failed as error:
            return msgspec.structs.replace(speed, problem=str(error))
        finally:
            process.kill()
        self._used_device = result.pop("device")
        return msgspec.structs.replace(speed, **result)

    async def _group(self, model: str, sessions: int, threads: int) -> SessionsSpeed:
        """Measure sessions that train at the same time."""
        speed = SessionsSpeed(sessions=sessions, threads=threads)
        orders = [
            self._order(model, "fp32", threads, is_beside_bare_loop=False) for _ in range(sessions)
        ]
        group = _Group(self._spawner, orders)
        try:
            async with asyncio.timeout(LIMIT_S + self._seconds):
                images_per_s = await group.measure(self._seconds)
        except TimeoutError:
            return msgspec.structs.replace(speed, problem=f"took more than {LIMIT_S:g} s")
        except _Failed as error:
            return msgspec.structs.replace(speed, problem=str(error))
        finally:
            group.kill()
        return msgspec.structs.replace(speed, images_per_s=images_per_s)

    def _order(
        self, model: str, precision: str, threads: int, *, is_beside_bare_loop: bool
    ) -> MeasurementOrder:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return MeasurementOrder(
            folder=str(folder),
            data_dir=str(self._data_dir),
            parameters=parameters_of(model, precision, device=self._device, threads=threads),
            turn_s=min(TURN_S, self._seconds / 4) if is_beside_bare_loop else None,
            seconds=self._seconds,
        )


class _Group:
    """Sessions that are measured while all of them train."""

    def __init__(self, spawner: Spawner, orders: list[MeasurementOrder]) -> None:
        self._processes = [
            LocalProcess(spawner, MEASUREMENT_ENTRY, (order,), self._on_report) for order in orders
        ]
        self._num_cold = len(orders)
        self._is_warm = asyncio.Event()

    async def measure(self, seconds: float) -> float:
        """Return the images per second of all together.

        Raises:
            _Failed: One of them did not train.
        """
        runs = [asyncio.create_task(process.wait()) for process in self._processes]
        warm = asyncio.create_task(self._is_warm.wait())
        try:
            # A session that ends before it was stopped has failed.
            await asyncio.wait([warm, *runs], return_when=asyncio.FIRST_COMPLETED)
            began_at = time.monotonic()
            await asyncio.wait(runs, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            ended_at = time.monotonic()
            self._stop()
            samples = [_samples(await run) for run in runs]
        finally:
            for one in (warm, *runs):
                one.cancel()
        images = sum(one.images_at(ended_at) - one.images_at(began_at) for one in samples)
        return images / (ended_at - began_at)

    def kill(self) -> None:
        """End every session that still runs."""
        for process in self._processes:
            process.kill()

    def _stop(self) -> None:
        for process in self._processes:
            process.send(ENOUGH)

    def _on_report(self, report: Report) -> None:
        if isinstance(report, TaskTold):
            self._num_cold -= 1
            if not self._num_cold:
                self._is_warm.set()


def _samples(ending: Exit) -> TimeSamples:
    result = _result(ending)
    if not result["images"]:
        raise _Failed("was stopped before it was warm")
    return TimeSamples(times_s=tuple(result["times_s"]), images=tuple(result["images"]))


def _result(ending: Exit) -> dict[str, Any]:
    """Return the result of a measurement.

    Raises:
        _Failed: It has none; the text gives the reason.
    """
    if ending.status is ExitStatus.NOT_STARTED:
        raise _Failed(f"no process could be started: {ending.cause}")
    if ending.is_sudden:
        raise _Failed("the process ended without a word, perhaps for lack of memory")
    if ending.status is not ExitStatus.FINISHED:
        raise _Failed(str(ending.cause))
    result: dict[str, Any] = ending.result
    return result


def _ignore(_report: Report) -> None:
    return


def write_synthetic(data_dir: Path) -> None:
    """Write a dataset into `data_dir`: as large as MNIST, in its format, with random pixels; 47 MB.

    The speed of a network does not depend on the content of images.

    Raises:
        OSError: There is no room for it.
    """
    raw_folder(data_dir, DATASET).mkdir(parents=True)
    for split, count in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        with file_of(data_dir, DATASET, split, "images").open("wb") as file:
            file.write(struct.pack(">IIII", IMAGES_MAGIC, count, IMAGE_SIDE, IMAGE_SIDE))
            for _ in range(count // CHUNK):
                file.write(os.urandom(CHUNK * IMAGE_SIDE * IMAGE_SIDE))
        with file_of(data_dir, DATASET, split, "labels").open("wb") as file:
            file.write(struct.pack(">II", LABELS_MAGIC, count))
            file.write(bytes(range(NUM_CLASSES)) * (count // NUM_CLASSES))
