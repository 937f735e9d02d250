"""Runs the measurements of a plan one after the other, each in processes of its own; no torch."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.training.benchmark.benchmark_figures import (
    BenchmarkFigures,
    MeasurementAsked,
    ModelSpeed,
    SessionsSpeed,
    TimeSamples,
)
from mnist_tui.training.benchmark.benchmark_plan import BATCH_SIZE, TURN_S, parameters_of
from mnist_tui.training.benchmark.synthetic_images import write_synthetic
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
"""Longest that one measurement may take, beyond the seconds that were asked for."""
MEASUREMENT_ENTRY = "mnist_tui.training.benchmark.measurement_process:main"
ENOUGH = WorkerCommand(number=0, action=Trigger.STOP)


class _Failed(Exception):  # noqa: N818 — becomes a row's problem
    """A measurement has no figures; the text says why."""


class BenchmarkRunner:
    """Measures; everything it starts has ended when it is closed."""

    def __init__(
        self, folder: Path, device: str, seconds: float, tell: Callable[[str], None]
    ) -> None:
        """Make the conductor.

        Args:
            folder: An empty one for everything that is written.
            device: auto, cpu, cuda, cuda:N or mps.
            seconds: How long each measurement lasts once it is warm.
            tell: Takes what is measured now, as half a sentence.
        """
        self._folder = folder
        self._data_dir = folder / "data"
        self._device = device
        self._seconds = seconds
        self._tell = tell
        self._spawner = Spawner()
        self._count = 0
        self._used_device = device

    async def measure(self, plan: BenchmarkPlan) -> BenchmarkFigures:
        """Carry out a plan and return what came of it.

        Raises:
            OSError: There is no room for the images.
        """
        write_synthetic(self._data_dir)
        models, groups = [], {}
        for number, (model, precision) in enumerate(plan.models, start=1):
            self._tell(f"{number} of {plan.num_measurements}: {model} in {precision}")
            models.append(await self._model(model, precision, plan.cores))
        main_model = plan.models[0][0]
        for number, (sessions, threads) in enumerate(plan.groups, start=len(plan.models) + 1):
            what = f"{sessions} × {main_model} with {threads} threads"
            self._tell(f"{number} of {plan.num_measurements}: {what}")
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
        """End the process that the others were forked from."""
        self._spawner.close()

    async def _model(self, model: str, precision: str, threads: int) -> ModelSpeed:
        """Measure one model alone beside the bare loop."""
        speed = ModelSpeed(model=model, precision=precision, threads=threads)
        asked = self._asked(model, precision, threads, is_beside_bare_loop=True)
        process = LocalProcess(self._spawner, MEASUREMENT_ENTRY, (asked,), _ignore)
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
        asked = [
            self._asked(model, "fp32", threads, is_beside_bare_loop=False) for _ in range(sessions)
        ]
        group = _Group(self._spawner, asked)
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

    def _asked(
        self, model: str, precision: str, threads: int, *, is_beside_bare_loop: bool
    ) -> MeasurementAsked:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return MeasurementAsked(
            folder=str(folder),
            data_dir=str(self._data_dir),
            parameters=parameters_of(model, precision, device=self._device, threads=threads),
            turn_s=min(TURN_S, self._seconds / 4) if is_beside_bare_loop else None,
            seconds=self._seconds,
        )


class _Group:
    """Sessions that are measured in the time in which every one of them trains."""

    def __init__(self, spawner: Spawner, asked: list[MeasurementAsked]) -> None:
        self._processes = [
            LocalProcess(spawner, MEASUREMENT_ENTRY, (each,), self._take) for each in asked
        ]
        self._num_cold = len(asked)
        self._is_warm = asyncio.Event()

    async def measure(self, seconds: float) -> float:
        """Return the images per second of all together.

        Raises:
            _Failed: One of them did not train.
        """
        runs = [asyncio.create_task(process.wait()) for process in self._processes]
        warm = asyncio.create_task(self._is_warm.wait())
        try:
            # One that ends before it was told to has failed.
            await asyncio.wait([warm, *runs], return_when=asyncio.FIRST_COMPLETED)
            began_at = time.monotonic()
            await asyncio.wait(runs, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            ended_at = time.monotonic()
            self._stop()
            samples = [_samples(await run) for run in runs]
        finally:
            for one in (warm, *runs):
                one.cancel()
        images = sum(each.images_at(ended_at) - each.images_at(began_at) for each in samples)
        return images / (ended_at - began_at)

    def kill(self) -> None:
        """End what still runs."""
        for process in self._processes:
            process.kill()

    def _stop(self) -> None:
        for process in self._processes:
            process.send(ENOUGH)

    def _take(self, report: Report) -> None:
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
    """Return what a measurement made.

    Raises:
        _Failed: It made nothing; the text says why.
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
