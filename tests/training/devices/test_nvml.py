"""The real nvidia-ml-py on a driver library made for the test: a machine without GPU can run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mnist_tui.training.devices.device_readings import MachineReading
from tests.deadlines import patient

SOURCE = Path(__file__).parents[2] / "data" / "nvml_driver.c"
GIB = 1024**3
READ = """
import os, sys
import msgspec
from mnist_tui.training.devices.live_sampler import LiveSampler
os.environ["NVML_PID"] = str(os.getpid())
sampler = LiveSampler()
readings = [sampler.read([os.getpid()]) for _ in range(int(sys.argv[1]))]
sys.stdout.buffer.write(msgspec.json.encode(readings))
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in library; skips where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler for the stand-in of the driver library")
    folder = tmp_path_factory.mktemp("driver")
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return folder


def read(folder: Path | None, trouble: str = "", times: int = 1) -> list[MachineReading]:
    """Return readings that a process of its own took with the driver library in `folder`."""
    changes: dict[str, Any] = {"NVML_STAND_IN": trouble}
    if folder is not None:
        changes["LD_LIBRARY_PATH"] = str(folder)
    done = subprocess.run(
        [sys.executable, "-P", "-c", READ, str(times)],
        env=os.environ | changes,
        capture_output=True,
        timeout=patient(60),
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=list[MachineReading])


def test_a_healthy_gpu_tells_everything(driver: Path) -> None:
    reading = read(driver)[0]
    gpu = reading.gpus[0]
    assert (gpu.index, gpu.name) == (0, "NVIDIA GeForce RTX 4090")
    assert (gpu.utilization, gpu.temperature_c) == (0.61, 64.0)
    assert (gpu.power_w, gpu.power_limit_w) == (212.3, 450.0)
    # What the driver keeps for itself is not used memory.
    assert (gpu.memory_used_bytes, gpu.memory_total_bytes) == (9 * GIB, 24 * GIB)


def test_processes_on_a_gpu_are_told_once_with_owner_and_memory(driver: Path) -> None:
    reading = read(driver)[0]
    processes = reading.gpus[0].processes
    assert processes is not None
    ours = reading.processes[0].pid
    own, foreign = sorted(processes, key=lambda process: process.pid != ours)
    assert (own.pid, own.memory_bytes) == (ours, 5 * GIB)
    assert own.user
    assert (foreign.pid, foreign.memory_bytes, foreign.user) == (4_000_001, None, None)


def test_a_process_is_told_its_gpu_and_the_memory_it_holds_there(driver: Path) -> None:
    process = read(driver)[0].processes[0]
    assert (process.gpus, process.gpu_memory_bytes) == ((0,), 5 * GIB)


def test_what_a_gpu_under_mig_does_not_tell_is_absent(driver: Path) -> None:
    gpu = read(driver)[0].gpus[1]
    assert gpu.name == "NVIDIA A100-SXM4-40GB"
    assert gpu.memory_total_bytes == 24 * GIB
    assert gpu.temperature_c == 38.0
    assert (gpu.utilization, gpu.power_w, gpu.power_limit_w, gpu.processes) == (None,) * 4


def test_a_lost_gpu_keeps_its_place_and_one_of_others_has_none(driver: Path) -> None:
    gpus = read(driver)[0].gpus
    assert [gpu.index for gpu in gpus] == [0, 1, 2]
    assert gpus[2].name is None
    assert gpus[2].memory_used_bytes is None


def test_an_old_driver_is_asked_in_its_old_ways(driver: Path) -> None:
    gpu = read(driver, "old")[0].gpus[0]
    assert gpu.memory_used_bytes == 10 * GIB
    assert gpu.processes is not None
    assert len(gpu.processes) == 2


def test_a_driver_that_is_not_loaded_is_no_gpu(driver: Path) -> None:
    reading = read(driver, "not loaded")[0]
    assert reading.gpus == ()
    assert not reading.are_gpus_silent
    assert reading.memory_total_bytes


def test_a_driver_that_goes_away_takes_its_gpus_along_and_nothing_else(driver: Path) -> None:
    first, second, third = read(driver, "gone", times=3)
    assert len(first.gpus) == 3
    assert second.gpus == third.gpus == ()
    assert third.processes


def test_a_hanging_driver_stops_neither_readings_nor_the_end_of_the_program(driver: Path) -> None:
    first, second = read(driver, "hangs", times=2)
    assert first.are_gpus_silent
    assert second.are_gpus_silent
    assert second.gpus == ()
    assert second.processes[0].memory_bytes


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there is a driver here")
def test_without_a_driver_library_there_are_no_gpus() -> None:
    reading = read(None)[0]
    assert reading.gpus == ()
    assert not reading.are_gpus_silent
