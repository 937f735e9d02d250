"""What is measured, in which order: decided before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

HANDFUL = ("cnn", "bn-cnn", "lenet", "chen-resnet")
"""Small and larger, with and without batch normalization."""
PRECISIONS = ("fp32", "bf16")
BATCH_SIZE = 64
MOST_SESSIONS_ON_GPU = 8
"""Each takes half a gigabyte of a GPU's memory before its first batch."""
EPOCHS_FOR_EVER = 100_000
TURN_S = 0.25
STARTING_S = 0.8
"""What a process takes to be born and to warm up, about."""
FIRST_START_S = 4.0
"""What it takes to load torch."""


class BenchmarkPlan(NamedTuple):
    """The measurements to come."""

    models: tuple[tuple[str, str], ...]
    """Model and precision, each beside the bare loop."""
    threads: tuple[int, ...]
    """One session with so many; none where a GPU computes."""
    sessions: tuple[int, ...]
    """So many at once, which share the cores."""
    cores: int

    @property
    def groups(self) -> list[tuple[int, int]]:
        """Sessions at once and threads of each, every pair once."""
        alone = [(1, threads) for threads in self.threads]
        together = [(count, self.threads_of(count)) for count in self.sessions]
        return list(dict.fromkeys(alone + together))

    def threads_of(self, sessions: int) -> int:
        """Return the threads of each of so many sessions, as the supervisor would choose them."""
        return max(1, self.cores // sessions)

    @property
    def num_measurements(self) -> int:
        """How many there are in all."""
        return len(self.models) + len(self.groups)

    def duration_s(self, seconds: float) -> float:
        """Return about how long all will take with `seconds` each."""
        return FIRST_START_S + self.num_measurements * (seconds + STARTING_S)


def planned(models: Sequence[str], *, has_gpu: bool, cores: int) -> BenchmarkPlan:
    """Return what to measure on a machine with so many cores."""
    most_sessions = min(cores, MOST_SESSIONS_ON_GPU) if has_gpu else cores
    return BenchmarkPlan(
        models=tuple((model, precision) for model in models for precision in PRECISIONS),
        threads=() if has_gpu else doublings(cores),
        sessions=doublings(most_sessions),
        cores=cores,
    )


def doublings(most: int) -> tuple[int, ...]:
    """Return 1, 2, 4 and so on up to `most`, which is always the last."""
    numbers = [1]
    while numbers[-1] * 2 <= most:
        numbers.append(numbers[-1] * 2)
    return tuple(numbers) if numbers[-1] == most else (*numbers, most)


def parameters_of(model: str, precision: str, *, device: str, threads: int) -> dict[str, Any]:
    """Return the parameters of a session that is measured.

    Raises:
        ParameterError: One of them cannot be.
    """
    given = {
        "dataset": "mnist",
        "validation": 0,
        "model": model,
        "precision": precision,
        "device": device,
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS_FOR_EVER,
    }
    return to_plain(resolve(given, sizes={}, default_threads=threads))
