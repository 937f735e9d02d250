"""Duration of `mnist-tui ls` of 1,000 sessions: whole processes, Python's start included.

Run: `python -m tests.benchmarks.bench_cli`
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import Position, Progress, SessionRecord, SessionState, utc_now
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.client import Client
from mnist_tui.training.protocol.requests import Shutdown
from mnist_tui.training.protocol.start_supervisor import ensure_supervisor

NUM_SESSIONS = 1_000
NUM_RUNS = 15


def fill(home: Home, count: int) -> None:
    """Store `count` finished sessions."""
    home.prepare()
    parameters = to_plain(resolve({}, sizes={}, default_threads=1))
    figures = Progress(
        position=Position(step=110, validated_epochs=5, is_tested=True),
        steps_per_epoch=22,
        train_loss=0.0471,
        train_accuracy=0.98,
        val_loss=0.0852,
        val_accuracy=0.97,
        test_loss=0.091,
        test_accuracy=0.9696,
    )
    registry = Registry.open(home)
    for _ in range(count):
        session_id = registry.new_id()
        registry.put(
            SessionRecord(
                id=session_id,
                name=f"session-{session_id}",
                parameters=parameters,
                created_at=utc_now(),
                state=SessionState.FINISHED,
                progress=figures,
                device="cpu",
                num_parameters=225_034,
            )
        )
    registry.close()


def measure(home: Home, *words: str) -> list[float]:
    """Return the milliseconds of each run of `mnist-tui WORDS`."""
    command = [
        str(Path(sys.executable).with_name("mnist-tui")), "--home", str(home.path), *words
    ]  # fmt: skip
    times = []
    for _ in range(NUM_RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - start))
    return times


def report(what: str, times: list[float]) -> None:
    """Print one row of the table."""
    print(f"{what:<44} {statistics.median(times):6.1f} {min(times):6.1f} {max(times):6.1f}")


def main() -> None:
    """Print the table."""
    home = Home(Path(tempfile.mkdtemp(prefix="mt-bench-")))
    try:
        fill(home, NUM_SESSIONS)
        print(f"{NUM_SESSIONS:,} sessions, {NUM_RUNS} runs, ms per whole process")
        print(f"{'':<44} median    min    max")
        report("ls, no supervisor", measure(home, "ls"))
        report("ls --json, no supervisor", measure(home, "ls", "--json"))
        ensure_supervisor(home)
        try:
            report("ls, asking the supervisor", measure(home, "ls"))
            report("ls --json, asking the supervisor", measure(home, "ls", "--json"))
        finally:
            with Client.connect(home) as client:
                client.request(Shutdown)
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


if __name__ == "__main__":
    main()
