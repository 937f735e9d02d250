"""Readings of this very machine: processes with known memory and work."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.training.devices.cpu_sensors import PowerMeter
from mnist_tui.training.devices.device_readings import (
    GpuProcess,
    GpuReading,
    MachineReading,
    ProcessReading,
)
from mnist_tui.training.devices.live_sampler import LiveSampler, gpu_use
from mnist_tui.training.devices.process_tree import ProcessTree
from mnist_tui.training.devices.timeout_call import TimeoutCall, TookTooLong
from tests.deadlines import patient, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1024**2
HOLD = "import sys; held = bytearray(b'x') * {size}; print('ready', flush=True); sys.stdin.read()"
BUSY = "print('ready', flush=True)\nwhile True: pass"
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
child.stdout.readline()
print("ready", child.pid, flush=True)
sys.stdin.read()
child.kill()
child.wait()
"""


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], list[str]]]:
    """Run Python code until the block ends; gives the process and the words it said first."""
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process, process.stdout.readline().decode().split()
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=patient(2))
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()
        process.wait()


def process_of(reading: MachineReading, pid: int) -> ProcessReading:
    found = reading.process(pid)
    assert found is not None
    return found


def test_a_process_is_told_the_memory_it_holds() -> None:
    with running(HOLD.format(size=80 * MIB)) as (process, _):
        resident = process_of(LiveSampler().read([process.pid]), process.pid).memory_bytes
    assert resident is not None
    assert 80 * MIB <= resident < 130 * MIB


def test_memory_of_children_counts_as_that_of_their_parent() -> None:
    with running(PARENT, HOLD.format(size=80 * MIB)) as (process, _):
        reading = LiveSampler().read([process.pid])
        resident = process_of(reading, process.pid).memory_bytes
        alone = psutil.Process(process.pid).memory_info().rss
    assert resident is not None
    assert resident >= alone + 80 * MIB


def test_work_of_children_counts_as_that_of_their_parent() -> None:
    sampler = LiveSampler()
    with running(PARENT, BUSY) as (process, _):
        sampler.read([process.pid])
        time.sleep(0.5)  # the system counts work in hundredths of a second
        cores = wait_until(
            lambda: process_of(sampler.read([process.pid]), process.pid).cpu_cores,
            "the work of the child is seen",
            interval_s=0.5,
        )
    assert cores is not None
    assert 0 < cores <= 1.5


def test_a_process_at_rest_uses_no_core() -> None:
    sampler = LiveSampler()
    with running(HOLD.format(size=1)) as (process, _):
        sampler.read([process.pid])
        wait_until(
            lambda: process_of(sampler.read([process.pid]), process.pid).cpu_cores == 0.0,
            "no work is seen",
            interval_s=0.2,
        )


def test_shares_of_time_are_known_from_the_second_reading_on() -> None:
    sampler = LiveSampler()
    first = sampler.read([])
    assert first.cpu_share is None
    share = wait_until(
        lambda: sampler.read([]).cpu_share is not None, "a share is known", interval_s=0.1
    )
    assert share


def test_the_machine_tells_its_memory_and_cores() -> None:
    reading = LiveSampler().read([])
    assert reading.memory_total_bytes == psutil.virtual_memory().total
    assert reading.memory_used_bytes is not None
    assert 0 < reading.memory_used_bytes < psutil.virtual_memory().total
    assert reading.num_cores
    assert reading.processes == ()


def test_a_process_that_has_ended_is_left_out() -> None:
    sampler = LiveSampler()
    with running(HOLD.format(size=1)) as (process, _):
        assert sampler.read([process.pid]).process(process.pid)
        process.kill()
        # Nobody has waited for it, so its pid is still there.
        wait_until(lambda: sampler.read([process.pid]).process(process.pid) is None, "it has gone")
    assert sampler.read([process.pid]).processes == ()


def test_processes_are_told_in_the_order_they_were_asked_for() -> None:
    with running(HOLD.format(size=1)) as (first, _), running(HOLD.format(size=1)) as (second, _):
        pids = [second.pid, first.pid]
        assert [process.pid for process in LiveSampler().read(pids).processes] == pids


def test_a_new_child_is_found_when_what_is_known_has_become_old() -> None:
    families = ProcessTree(max_age_s=0.0)
    with running(PARENT, HOLD.format(size=1)) as (process, words):
        assert families.of([process.pid])[process.pid] == (process.pid, int(words[1]))


def test_gpu_memory_of_children_and_of_several_gpus_is_added() -> None:
    gpus = [
        GpuReading(index=0, processes=(GpuProcess(pid=1, memory_bytes=5), GpuProcess(pid=9))),
        GpuReading(index=1, processes=(GpuProcess(pid=2, memory_bytes=7),)),
        GpuReading(index=2),
    ]
    assert gpu_use([1, 2], gpus) == (12, (0, 1))
    assert gpu_use([9], gpus) == (None, (0,))
    assert gpu_use([3], gpus) == (None, ())


def test_a_call_that_does_not_return_is_given_up_and_taken_up_again_when_it_has() -> None:
    may_return = threading.Event()
    started: list[int] = []

    def call() -> int:
        started.append(1)
        may_return.wait()
        return len(started)

    patient = TimeoutCall(call, patience_s=0.02)
    for _ in range(3):
        with pytest.raises(TookTooLong):
            patient()
    # No second call is begun behind one that hangs.
    assert len(started) == 1
    may_return.set()

    def answers() -> bool:
        try:
            return patient() == 2
        except TookTooLong:
            return False

    wait_until(answers, "the call answers again, with what is true now")


def test_power_is_the_energy_used_since_the_reading_before(tmp_path: Path) -> None:
    packages = [tmp_path / f"intel-rapl:{number}" for number in range(2)]
    for package in packages:
        package.mkdir()
        (package / "max_energy_range_uj").write_text("1000000000\n")
        (package / "energy_uj").write_text("999000000\n")
    (tmp_path / "intel-rapl:0:0").mkdir()  # a part of the first package, not to be added
    times = iter([10.0, 12.0, 14.0])
    meter = PowerMeter(tmp_path, lambda: next(times))
    assert meter.read_w() is None
    (packages[0] / "energy_uj").write_text("999400000\n")
    (packages[1] / "energy_uj").write_text("49000000\n")  # it started over
    assert meter.read_w() == pytest.approx((0.4 + 50.0) / 2)
    (packages[0] / "energy_uj").unlink()  # forbidden from now on
    assert meter.read_w() is None


def test_without_energy_counters_there_is_no_power(tmp_path: Path) -> None:
    meter = PowerMeter(tmp_path / "powercap")
    assert meter.read_w() is None
    assert meter.read_w() is None
