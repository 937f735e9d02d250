"""Measurements of a machine, figures from samples, and the advice drawn from them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from mnist_tui.training.benchmark.advice import Advice, advise, precision_gains
from mnist_tui.training.benchmark.benchmark_figures import (
    BenchmarkFigures,
    ModelSpeed,
    SessionsSpeed,
    TimeSamples,
)
from mnist_tui.training.benchmark.benchmark_plan import doublings, planned
from mnist_tui.training.benchmark.benchmark_runner import BenchmarkRunner
from mnist_tui.training.sessions.hardware import why_absent

if TYPE_CHECKING:
    from pathlib import Path


def speed(model: str, precision: str, images_per_s: float | None) -> ModelSpeed:
    return ModelSpeed(model=model, precision=precision, threads=8, images_per_s=images_per_s)


def group(sessions: int, threads: int, images_per_s: float | None) -> SessionsSpeed:
    return SessionsSpeed(sessions=sessions, threads=threads, images_per_s=images_per_s)


FIGURES = BenchmarkFigures(
    device="cpu",
    cores=8,
    model="cnn",
    batch_size=64,
    models=(
        speed("cnn", "fp32", 1000),
        speed("cnn", "bf16", 2000),
        speed("lenet", "fp32", 1000),
        speed("lenet", "bf16", 900),
    ),
    threads=(group(1, 1, 400), group(1, 2, 700), group(1, 4, 995), group(1, 8, 1000)),
    parallel=(group(1, 8, 1000), group(2, 4, 1900), group(4, 2, 2800), group(8, 1, 2790)),
)


def advised(**changes: object) -> dict[str, Advice]:
    figures = msgspec.structs.replace(FIGURES, **changes)
    return {advice.setting: advice for advice in advise(figures)}


def test_sessions_double_up_to_the_number_of_cores_which_is_always_among_them() -> None:
    assert doublings(1) == (1,)
    assert doublings(8) == (1, 2, 4, 8)
    assert doublings(12) == (1, 2, 4, 8, 12)


def test_on_a_cpu_the_cores_are_shared_and_no_pair_is_measured_twice() -> None:
    plan = planned(["cnn"], has_gpu=False, cores=4)
    assert plan.models == (("cnn", "fp32"), ("cnn", "bf16"))
    assert plan.groups == [(1, 1), (1, 2), (1, 4), (2, 2), (4, 1)]
    assert plan.num_measurements == 7


def test_on_a_gpu_threads_are_left_alone_and_sessions_are_few() -> None:
    plan = planned(["cnn"], has_gpu=True, cores=64)
    assert plan.threads == ()
    assert plan.sessions == (1, 2, 4, 8)


def test_between_two_samples_images_lie_on_a_line() -> None:
    samples = TimeSamples(times_s=(10.0, 11.0, 13.0), images=(0, 100, 500))
    assert samples.images_at(10.5) == 50
    assert samples.images_at(12.0) == 300
    assert samples.images_at(9.0) == 0
    assert samples.images_at(14.0) == 500


def test_the_fewest_slots_and_threads_within_three_percent_of_the_best_are_advised() -> None:
    found = advised()
    assert (found["slots"].value, found["slots"].flag) == (4, "--slots 4")
    assert (
        "4 sessions at once train 2.80 times as many images per second" in found["slots"].sentence
    )
    assert (found["threads"].value, found["threads"].flag) == (4, "--threads 4")
    assert "fastest with 4 threads" in found["threads"].sentence


def test_one_slot_is_advised_where_several_sessions_gain_nothing() -> None:
    found = advised(parallel=(group(1, 8, 1000), group(2, 4, 1020)))
    assert found["slots"].value == 1
    assert "mnist-tui --slots 1" in found["slots"].sentence


def test_bf16_is_advised_where_it_is_faster_over_all_models() -> None:
    assert precision_gains(FIGURES) == {"cnn": 2.0, "lenet": 0.9}
    found = advised()["precision"]
    assert found.flag == "--precision bf16"
    assert "0.90 times (lenet) to 2.00 times (cnn)" in found.sentence


def test_fp32_is_advised_where_bf16_is_no_faster() -> None:
    slower = (speed("cnn", "fp32", 1000), speed("cnn", "bf16", 1010))
    found = advised(models=slower)["precision"]
    assert found.flag == "--precision fp32"
    assert "1.01 times (cnn) as fast" in found.sentence


def test_without_figures_nothing_is_advised() -> None:
    nothing = (speed("cnn", "fp32", None), speed("cnn", "bf16", 900))
    assert not advised(models=nothing, threads=(), parallel=(group(1, 8, None),))


def test_what_cannot_be_measured_is_a_row_with_its_reason(tmp_path: Path) -> None:
    if why_absent("cuda") is None:
        pytest.skip("there is a CUDA device here")
    conductor = BenchmarkRunner(tmp_path, "cuda", 0.1, lambda _: None)
    try:
        figures = asyncio.run(conductor.measure(planned(["lenet"], has_gpu=True, cores=1)))
    finally:
        conductor.close()
    found = [(row.images_per_s, row.problem) for row in figures.models]
    found += [(row.images_per_s, row.problem) for row in figures.parallel]
    assert set(found) == {(None, "There is no device cuda here; choose auto or one of cpu.")}
