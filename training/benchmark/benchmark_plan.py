"""Plan of a benchmark: its measurements in order, and the time that they take."""

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
"""About the time that a process takes to start and warm up."""
FIRST_START_S = 4.0
"""Loading torch."""


class BenchmarkPlan(NamedTuple):
    """The measurements of a benchmark."""

    models: tuple[tuple[str, str], ...]
    """Model and precision, each beside the bare loop."""
    threads: tuple[int, ...]
    """Thread counts of one session; none on a GPU."""
    sessions: tuple[int, ...]
    """Numbers of sessions at once, which share the cores."""
    cores: int

    @property
    def groups(self) -> list[tuple[int, int]]:
        """Sessions at once and threads of each, every pair once."""
        alone = [(1, threads) for threads in self.threads]
        together = [(count, self.threads_of(count)) for count in self.sessions]
        return list(dict.fromkeys(alone + together))

    def threads_of(self, sessions: int) -> int:
        """Return the threads of each of `sessions`, as the supervisor chooses them."""
        return max(1, self.cores // sessions)

    @property
    def num_measurements(self) -> int:
        """Number of measurements."""
        return len(self.models) + len(self.groups)

    def duration_s(self, seconds: float) -> float:
        """Estimate the duration of all measurements with `seconds` each."""
        return FIRST_START_S + self.num_measurements * (seconds + STARTING_S)


def planned(models: Sequence[str], *, has_gpu: bool, cores: int) -> BenchmarkPlan:
    """Return the plan for a machine."""
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
    """Return the parameters of a measured session.

    Raises:
        ParameterError: One of them is invalid.
    """
    values = {
        "dataset": "mnist",
        "validation": 0,
        "model": model,
        "precision": precision,
        "device": device,
        "batch_size": BATCH_SIZE,
        "epochs": EPOCHS_FOR_EVER,
    }
    return to_plain(resolve(values, sizes={}, default_threads=threads))
