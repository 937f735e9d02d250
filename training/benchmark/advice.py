"""Advice on slots, threads and precision, derived from the figures of a benchmark."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.training.benchmark.benchmark_figures import BenchmarkFigures, SessionsSpeed

WORTH_IT = 1.03
"""A gain below 3 % lies within the noise of two measurements."""


class Advice(Struct, frozen=True, kw_only=True):
    """One setting to use."""

    setting: str
    value: int | str
    flag: str
    sentence: str


def advise(figures: BenchmarkFigures) -> list[Advice]:
    """Return advice on slots, threads and precision, as far as there are figures for them."""
    return [
        *_about_slots(figures),
        *_about_threads(figures),
        *_about_precision(figures),
    ]


def best_of(speeds: tuple[SessionsSpeed, ...]) -> SessionsSpeed | None:
    """Return the first that is about as fast as the fastest; None without figures."""
    measured = [speed for speed in speeds if speed.images_per_s]
    most = max((speed.images_per_s or 0.0 for speed in measured), default=0.0)
    return next((speed for speed in measured if (speed.images_per_s or 0) * WORTH_IT >= most), None)


def _about_slots(figures: BenchmarkFigures) -> Iterator[Advice]:
    best, alone = best_of(figures.parallel), figures.parallel[0]
    if best is None or not best.images_per_s:
        return
    count = best.sessions
    if count == 1 or not alone.images_per_s:
        sentence = (
            "Slots: 1 session at a time is as fast as several at once, so start with `mnist-tui"
            " --slots 1`; the others wait in the queue."
        )
    else:
        gain = best.images_per_s / alone.images_per_s
        sentence = (
            f"Slots: {count} sessions at once train {gain:.2f} times as many images per second as"
            f" one, so start with `mnist-tui --slots {count}`."
        )
    yield Advice(setting="slots", value=count, flag=f"--slots {count}", sentence=sentence)


def _about_threads(figures: BenchmarkFigures) -> Iterator[Advice]:
    best = best_of(figures.threads)
    if best is None:
        return
    count = best.threads
    words = "1 thread" if count == 1 else f"{count} threads"
    sentence = (
        f"Threads: a session alone is fastest with {words} (`--threads {count}`); left open, the"
        f" {figures.cores} cores are divided by the slots."
    )
    yield Advice(setting="threads", value=count, flag=f"--threads {count}", sentence=sentence)


def _about_precision(figures: BenchmarkFigures) -> Iterator[Advice]:
    gains = precision_gains(figures)
    if not gains:
        return
    mean = math.exp(sum(map(math.log, gains.values())) / len(gains))
    is_bf16 = mean >= WORTH_IT
    value = "bf16" if is_bf16 else "fp32"
    names = sorted(gains, key=gains.__getitem__)
    least, most = names[0], names[-1]
    spread = f"{gains[least]:.2f} times ({least})"
    if most != least:
        spread += f" to {gains[most]:.2f} times ({most})"
    sentence = (
        f"Precision: bf16 is {spread} as fast as fp32, so use {value} (`--precision {value}`)"
        + ("; weights stay fp32." if is_bf16 else ", which is the default.")
    )
    yield Advice(setting="precision", value=value, flag=f"--precision {value}", sentence=sentence)


def precision_gains(figures: BenchmarkFigures) -> dict[str, float]:
    """Return the speed of bf16 ÷ that of fp32, by model."""
    speeds = {(row.model, row.precision): row.images_per_s for row in figures.models}
    gains = {}
    for model, precision in speeds:
        slow, fast = speeds.get((model, "fp32")), speeds[model, precision]
        if precision == "bf16" and slow and fast:
            gains[model] = fast / slow
    return gains
