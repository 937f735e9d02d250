"""Time to 99 % of the real test images, from the command on."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks.loop_process import FOLDER
from tests.benchmarks.results import Result, spread
from tests.harness import Workspace, new_workspace
from tests.system.command import COMMAND, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ACCURACY = 0.99
CUDA_BAR_S = 2.0
DEFAULT_OPTIONS = ("--preset", "fast")


def to_99(
    data_dir: Path, device: str, options: Sequence[str], seeds: int, reference_seeds: int
) -> Iterator[Result]:
    """Compare `mnist-tui new OPTIONS --wait` with PyTorch's example, each as whole processes.

    Without seeds for the example, only ours is measured.
    """
    ours: list[float] = []
    accuracies: list[float] = []
    theirs: list[float] = []
    with new_workspace(data_dir, options=("--slots", "1")) as workspace:
        assert workspace.client  # a supervisor runs already; its fork server does not
        for seed in range(max(seeds, reference_seeds)):
            if seed < seeds:
                duration_s, accuracy = _train_ours(workspace, device, options, seed)
                accuracies.append(accuracy)
                ours.append(duration_s if accuracy >= ACCURACY else math.inf)
            if seed < reference_seeds:
                theirs.append(_train_theirs(data_dir, device, seed))
    is_fast = device == "cpu" or statistics.median(ours) <= CUDA_BAR_S
    yield Result(
        f"`new {' '.join(options)} --wait` to 99 % of the test images, {seeds} seeds, {device}",
        f"{spread(ours, 's', 1)}; accuracy {min(accuracies):.4f} to {max(accuracies):.4f}",
        "every seed reaches it" + ("" if device == "cpu" else f", median ≤ {CUDA_BAR_S:g} s"),
        is_fast and all(map(math.isfinite, ours)),
    )
    if not theirs:
        return
    yield Result(f"PyTorch's example, {reference_seeds} seeds", spread(theirs, "s", 1), "", True)
    ratio = statistics.median(ours) / statistics.median(theirs)
    yield Result("ours ÷ PyTorch's example", f"1/{1 / ratio:.0f}", "≤ 1/10", ratio <= 0.1)


def _train_ours(
    workspace: Workspace, device: str, options: Sequence[str], seed: int
) -> tuple[float, float]:
    """Return how long a session took, its start included, and its test accuracy."""
    given = ["--data-dir", str(workspace.data_dir), "new", *options, "--seed", str(seed)]
    began_at = time.perf_counter()
    made = _mnist_tui(workspace, *given, "--device", device, "--wait")
    duration_s = time.perf_counter() - began_at
    told = json.loads(_mnist_tui(workspace, "show", made.strip(), "--json"))
    return duration_s, told["test_accuracy"] or 0.0


def _mnist_tui(workspace: Workspace, *words: str) -> str:
    done = subprocess.run(
        [*COMMAND, *words],
        env=environment(MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME="/nonexistent"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _train_theirs(data_dir: Path, device: str, seed: int) -> float:
    """Return how long the example took until an epoch reached the accuracy, or to its end."""
    command = [
        sys.executable, str(FOLDER / "reference_example.py"), "--data-dir", str(data_dir),
        "--device", device, "--seed", str(seed), "--accuracy", str(ACCURACY),
    ]  # fmt: skip
    began_at = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began_at
