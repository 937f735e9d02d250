"""Recording a machine and replaying it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.devices.device_readings import (
    GpuProcess,
    GpuReading,
    MachineReading,
    ProcessReading,
)
from mnist_tui.training.devices.device_trace import TraceRecorder, read_trace
from mnist_tui.training.devices.trace_replay import TraceSampler
from tests.data.make_four_gpus import NUM_READINGS, reading_at
from tests.deadlines import patient

FOUR_GPUS = Path(__file__).parents[2] / "data" / "four_gpus.jsonl"


def recorded(path: Path, *readings: MachineReading) -> Path:
    recorder = TraceRecorder(path)
    for reading in readings:
        recorder.append(reading)
    recorder.close()
    return path


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    readings = [reading_at(place) for place in range(3)]
    assert read_trace(recorded(tmp_path / "trace", *readings)) == readings


def test_the_trace_in_the_repository_is_what_its_script_makes() -> None:
    assert read_trace(FOUR_GPUS) == [reading_at(place) for place in range(NUM_READINGS)]


def test_fields_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    path.write_text('{"format":1,"by":"x"}\n{"time":1.0,"fans":[3],"gpus":[{"index":0,"fan":3}]}\n')
    assert read_trace(path) == [MachineReading(time=1.0, gpus=(GpuReading(index=0),))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no device trace"),
        (b"\x00\xff\n", "is no device trace"),
        (b'{"time":1.0}\n', "is no device trace"),
        (b'{"format":1}\n', "holds no reading"),
        (b'{"format":2}\n{"time":1.0}\n', "newer mnist-tui"),
        (b'{"format":1}\n{"time":1.0}\n{"time":"noon"}\n', "Line 3 of the device trace"),
        (b'{"format":1}\n{"time":1.0}\n{"ti', "Line 3 of the device trace"),
        (b'{"format":1}\n' + b"[" * 100_000, "Line 2 of the device trace"),
    ],
)
def test_what_is_no_trace_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "trace"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=said) as refused:
        read_trace(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        read_trace(tmp_path / name)


def test_a_recording_never_writes_over_a_file(tmp_path: Path) -> None:
    path = recorded(tmp_path / "trace", MachineReading(time=1.0))
    with pytest.raises(StorageError, match="exists already"):
        TraceRecorder(path)


def test_a_replay_keeps_the_pace_of_the_recording_and_begins_again() -> None:
    readings = [MachineReading(time=100.0 + at, num_cores=int(at)) for at in (0.0, 2.0, 4.0)]
    times = iter((7.0, 8.9, 9.0, 11.5, 12.9, 13.0, 15.1))
    sampler = TraceSampler(readings, lambda: next(times))
    assert [sampler.read([]).num_cores for _ in range(7)] == [0, 0, 2, 4, 4, 0, 2]


def test_a_single_reading_is_replayed_for_ever() -> None:
    times = iter((0.0, 0.4, 1.0, 1e6))
    sampler = TraceSampler([MachineReading(time=5.0, num_cores=3)], lambda: next(times))
    assert [sampler.read([]).num_cores for _ in range(4)] == [3] * 4


def test_traced_processes_stand_for_those_asked_about_in_order() -> None:
    readings = read_trace(FOUR_GPUS)
    reading = TraceSampler(readings).read([71, 72, 73])
    assert [process.pid for process in reading.processes] == [71, 72]
    assert reading.process(71) == ProcessReading(
        pid=71,
        cpu_cores=0.98,
        memory_bytes=readings[0].processes[0].memory_bytes,
        gpu_memory_bytes=readings[0].processes[0].gpu_memory_bytes,
        gpus=(0,),
    )
    on_gpu = reading.gpus[0].processes
    assert on_gpu is not None
    assert [process.pid for process in on_gpu] == [71, 4711]


def test_traced_processes_that_stand_for_nobody_remain_on_the_gpu_as_those_of_others() -> None:
    reading = TraceSampler(read_trace(FOUR_GPUS)).read([])
    assert reading.processes == ()
    assert reading.gpus[1].processes == (
        GpuProcess(pid=3202, memory_bytes=int(1.2 * 1024**3), user="ada"),
    )


def test_this_machine_is_recorded_by_a_command(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    command = [sys.executable, "-P", "-m", "mnist_tui.training.devices.device_trace", str(path)]
    done = subprocess.run(
        [*command, "--seconds", "0.2", "--interval", "0.1"],
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=True,
    )
    readings = read_trace(path)
    assert f"{len(readings)} readings in {path}" in done.stderr
    assert len(readings) >= 2
    assert readings[0].memory_total_bytes
    again = subprocess.run(
        command, capture_output=True, text=True, timeout=patient(60), check=False
    )
    assert again.returncode == 1
    assert again.stderr.startswith(f"{path} exists already")
    assert len(again.stderr.splitlines()) == 1


def test_a_first_line_is_readable_json(tmp_path: Path) -> None:
    path = recorded(tmp_path / "trace", MachineReading(time=1.0))
    assert msgspec.json.decode(path.read_bytes().splitlines()[0]) == {"format": 1}
