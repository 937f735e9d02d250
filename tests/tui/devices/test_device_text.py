"""Devices in words: short, steady, and without what is not known."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from mnist_tui.training.devices.device_readings import GpuReading, MachineReading, ProcessReading
from mnist_tui.tui.devices.device_feed import DeviceHistory
from mnist_tui.tui.devices.device_rows import sparkline
from mnist_tui.tui.devices.device_text import device_summary, session_use
from mnist_tui.tui.devices.hysteresis import calm
from mnist_tui.tui.text.formatting import memory
from tests.data.make_four_gpus import reading_at

GIB, MIB = 1024**3, 1024**2
CPU_ONLY = MachineReading(
    time=0.0, cpu_share=0.93, memory_used_bytes=int(4.1 * GIB), memory_total_bytes=24 * GIB
)
ONE_GPU = replace(
    CPU_ONLY,
    gpus=(
        GpuReading(
            index=0,
            utilization=0.61,
            memory_used_bytes=int(9.8 * GIB),
            memory_total_bytes=24 * GIB,
            temperature_c=64.0,
            power_w=212.3,
        ),
    ),
)


def test_one_gpu_is_shown_with_use_memory_temperature_and_power() -> None:
    assert device_summary(ONE_GPU, 80) == "gpu0  61 %   9.8/24 GiB   64 °C  212 W"


def test_several_gpus_are_summarised_by_mean_sum_and_hottest() -> None:
    assert device_summary(reading_at(0), 80) == "4 gpus  48 %  18.7/130 GiB   71 °C  632 W"


def test_without_a_gpu_the_cpu_is_shown() -> None:
    assert device_summary(CPU_ONLY, 80) == "cpu  93 %  mem  4.1/24 GiB"


def test_gpus_that_no_longer_answer_are_reported() -> None:
    silent = replace(CPU_ONLY, are_gpus_silent=True)
    assert device_summary(silent, 80) == "GPUs do not answer  cpu  93 %  mem  4.1/24 GiB"


def test_a_machine_without_readings_is_an_empty_line() -> None:
    assert device_summary(MachineReading(time=0.0), 80) == ""


def test_a_gpu_without_readings_is_only_named() -> None:
    assert device_summary(MachineReading(time=0.0, gpus=(GpuReading(index=2),)), 80) == "gpu2"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (38, "gpu0  61 %   9.8/24 GiB   64 °C  212 W"),
        (37, "gpu0  61 %   9.8/24 GiB  212 W"),
        (29, "gpu0  61 %   9.8/24 GiB"),
        (22, "gpu0  61 %"),
        (9, ""),
    ],
)
def test_what_does_not_fit_is_left_out_whole(width: int, shown: str) -> None:
    assert device_summary(ONE_GPU, width) == shown


def test_the_line_does_not_change_its_width_with_its_figures() -> None:
    gpu = ONE_GPU.gpus[0]
    idle = replace(gpu, utilization=0.0, memory_used_bytes=0, temperature_c=8.0, power_w=9.0)
    full = replace(gpu, utilization=1.0, memory_used_bytes=24 * GIB, power_w=450.0)
    widths = {len(device_summary(replace(ONE_GPU, gpus=(one,)), 80)) for one in (gpu, idle, full)}
    assert len(widths) == 1


@pytest.mark.parametrize(
    ("process", "said"),
    [
        (ProcessReading(pid=1, cpu_cores=0.98, memory_bytes=412 * MIB), "412 MiB · 0.98 cores"),
        (
            ProcessReading(
                pid=1,
                cpu_cores=1.0,
                memory_bytes=MIB,
                gpus=(1,),
                gpu_memory_bytes=int(1.2 * GIB),
            ),
            "gpu1 1.2 GiB · 1.00 cores",
        ),
        (ProcessReading(pid=1, gpus=(0, 3)), "gpu0,gpu3"),
        (ProcessReading(pid=1, memory_bytes=5 * MIB), "5 MiB"),
        (ProcessReading(pid=2, memory_bytes=5 * MIB), ""),
    ],
)
def test_the_use_of_a_session_is_summarised(process: ProcessReading, said: str) -> None:
    assert session_use(MachineReading(time=0.0, processes=(process,)), 1) == said


def test_a_session_without_a_process_takes_nothing() -> None:
    assert session_use(reading_at(0), None) == ""


@pytest.mark.parametrize("count", [0, 1, 999 * MIB, 1000 * MIB, 12 * GIB, 999 * GIB, 3000 * GIB])
def test_memory_takes_at_most_eight_characters(count: int) -> None:
    assert re.fullmatch(r"[\d.]+ [MG]iB", memory(count))
    assert len(memory(count)) <= 8


def test_small_changes_are_not_shown_and_larger_ones_are() -> None:
    shown = reading_at(0)
    busy = shown.gpus[0]
    assert busy.utilization is not None
    assert busy.power_w is not None
    wobble = replace(busy, utilization=busy.utilization + 0.01, power_w=busy.power_w + 7)
    almost = replace(shown, time=shown.time + 2, cpu_share=0.13, gpus=(wobble, *shown.gpus[1:]))
    assert calm(shown, almost) == replace(shown, time=almost.time)
    risen = replace(almost, gpus=(replace(busy, utilization=0.7), *shown.gpus[1:]))
    assert calm(shown, risen).gpus[0].utilization == 0.7


def test_many_small_changes_in_one_direction_are_shown_in_the_end() -> None:
    shown = replace(CPU_ONLY, cpu_share=0.10)
    for percent in range(11, 21):
        shown = calm(shown, replace(CPU_ONLY, cpu_share=percent / 100))
        assert shown.cpu_share is not None
        assert abs(shown.cpu_share - percent / 100) <= 0.02 + 1e-9


def test_what_can_no_longer_be_read_is_not_shown_any_more() -> None:
    assert calm(ONE_GPU, CPU_ONLY).gpus == ()
    assert calm(CPU_ONLY, replace(CPU_ONLY, cpu_share=None)).cpu_share is None
    ended = calm(reading_at(0), replace(reading_at(1), processes=()))
    assert ended.processes == ()


def test_a_sparkline_is_the_mean_of_each_span_and_blank_without_samples() -> None:
    samples = [(0.0, 0.0), (9.0, 0.5), (31.0, 1.0)]
    assert sparkline(samples, now=39.0, width=4, span_s=40.0) == "▃  █"


def test_a_sparkline_stands_still_within_a_span() -> None:
    samples = [(float(at), at / 40) for at in range(0, 39, 2)]
    lines = {sparkline(samples, now, 4, 40.0) for now in (30.0, 35.0, 39.9)}
    assert len(lines) == 1


def test_the_history_keeps_each_device_for_some_minutes() -> None:
    history = DeviceHistory()
    for at in range(0, 1000, 2):
        history.add(replace(ONE_GPU, time=float(at)))
    times = [time for time, _ in history.samples("gpu0")]
    assert (times[0], times[-1]) == (698.0, 998.0)
    assert [use for _, use in history.samples("cpu")][-1] == 0.93
    assert not list(history.samples("gpu1"))
