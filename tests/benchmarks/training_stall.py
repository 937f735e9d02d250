"""Stall of a training by a checkpoint: the longest gap between two of its batches."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import threading
import time
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import mnist_tui.training.worker.preload  # noqa: F401 — as what a worker is forked from: garbage is not looked for in it
from mnist_tui.training.benchmark.measurement import OwnLease
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.loop import train
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.executors.channel import Channel, channel_pair
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.messages import decode
from mnist_tui.training.protocol.worker_messages import CheckpointSaved, Report
from mnist_tui.training.worker.session_sink import SessionSink
from tests.benchmarks.intervals import median_interval
from tests.benchmarks.results import Result

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from mnist_tui.training.protocol.worker_messages import WorkerCommand
    from tests.benchmarks.training_stage import Conditions

STALL_BAR_MS = 10.0
MODELS = ("cnn", "chen-cnn")
"""225,034 weights and 3,274,634, of which a checkpoint holds three times as many numbers."""
EVERY_S = 1.0


class _Enough(Exception):  # noqa: N818 — the way out of the loop
    pass


class _Saved(NamedTuple):
    step: int
    time_s: float
    """When it was told to be durable."""


class _Stamps:
    """Notes when each batch begins."""

    def __init__(self, duration_s: float) -> None:
        self.times_s: list[float] = []
        self._ends_at = time.perf_counter() + duration_s

    def poll(self) -> WorkerCommand | None:
        now = time.perf_counter()
        if now >= self._ends_at:
            raise _Enough
        self.times_s.append(now)
        return None

    def wait(self) -> WorkerCommand:
        raise _Enough


def stall(conditions: Conditions) -> Iterator[Result]:
    """Measure small and large checkpoints."""
    for model in MODELS:
        times_s, saved = _train(conditions, model)
        gaps_ms = [1000 * (after - before) for before, after in pairwise(times_s)]
        normal_ms = statistics.median(gaps_ms)
        stalls, calm = [], []
        for each in saved:
            # Batch number n lies in gap n-1, and what is saved after it begins in there.
            first = each.step - 1
            last = max(first, sum(time_s <= each.time_s for time_s in times_s) - 1)
            num_gaps = last - first + 1
            if first < num_gaps or last >= len(gaps_ms):
                continue
            stalls.append(max(gaps_ms[first : last + 1]) - normal_ms)
            calm.append(max(gaps_ms[first - num_gaps : first]) - normal_ms)
        found = median_interval(stalls)
        yield Result(
            f"stall at {len(stalls)} checkpoints of `{model}`, batch {conditions.batch_size}",
            f"{found.text(' ms', 1)}, at most {max(stalls):.1f}; as many batches without one:"
            f" {statistics.median(calm):.1f}; a batch takes {normal_ms:.1f}",
            f"upper bound ≤ {STALL_BAR_MS:g} ms",
            found.high <= STALL_BAR_MS,
        )


def _train(conditions: Conditions, model: str) -> tuple[list[float], list[_Saved]]:
    """Train with a session's own files and return when batches began and checkpoints were saved."""
    given = conditions.parameters | {"model": model, "checkpoint_every": EVERY_S, "validation": 0}
    parameters = resolve(given, sizes={}, default_threads=conditions.threads)
    device = choose_device(parameters.device)
    prepare(device, parameters.threads)
    ours, theirs = channel_pair()
    saved: list[_Saved] = []
    hearing = threading.Thread(target=_hear, args=(ours, saved), daemon=True)
    hearing.start()
    channel = Channel(theirs)
    folder = Path(tempfile.mkdtemp(prefix="mt-bench-"))
    sink = SessionSink(channel, folder, OwnLease.generation)
    run = TrainingState(parameters, load_data(conditions.data_dir, parameters, device), device)
    stamps = _Stamps(conditions.rounds * (EVERY_S + 1.0))
    try:
        with suppress(_Enough), redirect_stdout(StringIO()):  # its log
            train(run, stamps, sink, OwnLease())
    finally:
        sink.close()
        channel.finish()
        hearing.join()
        shutil.rmtree(folder, ignore_errors=True)
    return stamps.times_s, saved


def _hear(connection: socket.socket, saved: list[_Saved]) -> None:
    """Take reports until the other end hangs up, as the supervisor does in its own process."""
    with connection, connection.makefile("rb") as lines:
        for line in lines:
            report = decode(line, Report)
            if isinstance(report, CheckpointSaved):
                saved.append(_Saved(report.info.position.step, time.perf_counter()))
