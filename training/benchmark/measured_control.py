"""Controls of measured training loops: they take the time between batches."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import torch

from mnist_tui.training.benchmark.benchmark_figures import TimeSamples
from mnist_tui.training.engine.interfaces import SupervisorLostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.training.benchmark.bare_loop import BareLoop
    from mnist_tui.training.executors.channel import Channel
    from mnist_tui.training.protocol.worker_messages import WorkerCommand

WARM_UP_S = 0.5
WARM_UP_BATCHES = 3
"""The first batches are slower and do not count."""
MIN_TURNS = 3
SAMPLE_S = 0.1
"""Rare, because each sample waits for the GPU."""


class Over(Exception):  # noqa: N818 — the way out of the loop, not an error
    """The measurement is complete, or its runner has gone."""


class Turn(NamedTuple):
    """Times of the session and of the bare loop for the same number of images."""

    images: int
    session_s: float
    bare_s: float


class MeasuredControl:
    """Control that lets the bare loop train as many batches as the session has, turn by turn.

    Both are measured within the same second, so that other load on the machine affects both.
    """

    def __init__(
        self, channel: Channel, device: torch.device, bare: BareLoop, batch_size: int,
        turn_s: float, seconds: float,
    ) -> None:  # fmt: skip
        self._channel = channel
        self._device = device
        self._bare = bare
        self._batch_size = batch_size
        self._turn_s = turn_s
        self._seconds = seconds
        self._done: list[Turn] = []
        self._is_warm = False
        self._num_batches = -1
        self._began_at = time.perf_counter()

    def poll(self) -> WorkerCommand | None:
        """Count a batch; at the end of a turn, run the bare loop.

        Raises:
            Over: The measurement is complete.
        """
        _leave_on_command(self._channel)
        self._num_batches += 1
        if not self._num_batches:
            self._begin()
        elif time.perf_counter() - self._began_at >= self._length_s() and self._is_enough():
            self._end_turn()
        return None

    def wait(self) -> WorkerCommand:
        """Leave the loop: no commands will come.

        Raises:
            Over: Always.
        """
        raise Over

    def result(self) -> dict[str, float]:
        """Return images per second of both, and the median of their ratios."""
        turns = self._done
        return {
            "images_per_s": statistics.median(turn.images / turn.session_s for turn in turns),
            "bare_images_per_s": statistics.median(turn.images / turn.bare_s for turn in turns),
            "ratio": statistics.median(turn.bare_s / turn.session_s for turn in turns),
        }

    def _length_s(self) -> float:
        return self._turn_s if self._is_warm else WARM_UP_S

    def _is_enough(self) -> bool:
        return self._is_warm or self._num_batches >= WARM_UP_BATCHES

    def _begin(self) -> None:
        synchronize(self._device)
        self._num_batches = 0
        self._began_at = time.perf_counter()

    def _end_turn(self) -> None:
        synchronize(self._device)
        session_s = time.perf_counter() - self._began_at
        started_at = time.perf_counter()
        self._bare.train(self._num_batches)
        synchronize(self._device)
        bare_s = time.perf_counter() - started_at
        if self._is_warm:
            self._done.append(Turn(self._num_batches * self._batch_size, session_s, bare_s))
        self._is_warm = True
        spent_s = sum(turn.session_s + turn.bare_s for turn in self._done)
        if spent_s >= self._seconds and len(self._done) >= MIN_TURNS:
            raise Over
        self._begin()


class Sampling:
    """Control that samples the progress of a session from its warm-up until it is stopped."""

    def __init__(
        self, channel: Channel, device: torch.device, batch_size: int, on_warm: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._device = device
        self._batch_size = batch_size
        self._on_warm = on_warm
        self._num_batches = -1
        self._began_at = 0.0
        self._times_s: list[float] = []
        self._images: list[int] = []

    def poll(self) -> WorkerCommand | None:
        """Count a batch, and take a sample if the last one is old enough.

        Raises:
            Over: The session was stopped.
        """
        self._num_batches += 1
        try:
            _leave_on_command(self._channel)
        except Over:
            if self._times_s:
                self._sample()  # so that the samples cover the whole time
            raise
        now = time.monotonic()
        if not self._num_batches:
            self._began_at = now
        is_warm = now - self._began_at >= WARM_UP_S and self._num_batches >= WARM_UP_BATCHES
        if is_warm and (not self._times_s or now - self._times_s[-1] >= SAMPLE_S):
            self._sample()
        return None

    def wait(self) -> WorkerCommand:
        """Leave the loop: no commands will come.

        Raises:
            Over: Always.
        """
        raise Over

    def result(self) -> TimeSamples:
        """Return the samples."""
        return TimeSamples(times_s=tuple(self._times_s), images=tuple(self._images))

    def _sample(self) -> None:
        synchronize(self._device)
        self._times_s.append(time.monotonic())
        self._images.append(self._num_batches * self._batch_size)
        if len(self._times_s) == 1:
            self._on_warm()


def synchronize(device: torch.device) -> None:
    """Wait for the work of a GPU; on the CPU do nothing."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _leave_on_command(channel: Channel) -> None:
    """Leave the loop on any command, or if the runner has gone."""
    try:
        command = channel.poll()
    except SupervisorLostError:
        raise Over from None
    if command is not None:
        raise Over
