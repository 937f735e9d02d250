"""Time to open a session of 1,000,000 metric rows, and to write its rows.

Run: `python -m tests.benchmarks.bench_metric_rows [NUM_ROWS]`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mnist_tui.storage.folders import METRICS
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.metrics.metric_sidecar import sidecar_of
from mnist_tui.storage.records import MetricRow, utc_now

NUM_ROWS = 1_000_000
ROWS_PER_EPOCH = 938

OPEN = """
import resource, sys, time
from pathlib import Path
from mnist_tui.storage.metrics.metric_columns import ColumnReader
from mnist_tui.storage.metrics.metric_log import MetricWriter
from tests.benchmarks.bench_metric_rows import resident_mib, row
folder = Path(sys.argv[1])
before = resident_mib()
begin, begin_cpu = time.perf_counter(), time.process_time()
reader = ColumnReader(folder)
reader.read()
opened, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
grown = resident_mib() - before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
columns = [reader.split(name) for name in ("train", "val", "test")]
num_rows = sum(len(split) for split in columns)
arrays = sum(array.nbytes for split in columns for array in vars(split).values()) / 2**20
writer = None
polls = []
if len(sys.argv) > 2:
    writer = MetricWriter(folder / "metrics.jsonl")
    for step in range(20):
        writer.append([row(10**9 + step)])
        begin = time.perf_counter()
        assert reader.read()
        reader.split("train")
        polls.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    assert not reader.read()
    polls.append(time.perf_counter() - begin)
    polls[:-1] = sorted(polls[:-1])
print(opened, cpu, grown, peak, arrays, num_rows, *(1e6 * polls[at] for at in (10, -1) if polls))
"""


def row(number: int) -> MetricRow:
    """Return row `number` of a long training, with figures of many digits as real ones have."""
    is_val = number % ROWS_PER_EPOCH == 0
    return MetricRow(
        step=number,
        epoch=number / ROWS_PER_EPOCH,
        split="val" if is_val else "train",
        loss=2.3 / (1 + number / 1e4),
        accuracy=1 - 0.9 / (1 + number / 1e3),
        mse=0.09 / (1 + number / 1e3),
        learning_rate=0.001 / (1 + number / 1e5),
        time=utc_now(),
        generation=1,
    )


def resident_mib() -> float:
    """Return how much memory this process has now, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def write(path: Path, num_rows: int) -> float:
    """Write the rows one by one, as training does; return the microseconds per row."""
    writer = MetricWriter(path)
    spent = 0.0
    for number in range(num_rows):
        appended = [row(number)]
        begin = time.perf_counter()
        writer.append(appended)
        spent += time.perf_counter() - begin
    writer.close()
    return spent / num_rows * 1e6


def opened(folder: Path, *words: str) -> list[float]:
    """Return the figures of a fresh process that opens the session."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


def show_open(what: str, figures: list[float]) -> None:
    """Print the figures of one way to open."""
    seconds, cpu, grown, peak, arrays, num_rows = figures[:6]
    print(f"{what:<28} {seconds * 1e3:8.0f} ms  {cpu * 1e3:8.0f} ms CPU  {num_rows:,.0f} rows")
    print(f"{'  memory: arrays':<28} {arrays:8.1f} MiB")
    print(f"{'  memory: growth, peak':<28} {grown:8.1f} MiB {peak:8.1f} MiB")


def main(num_rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="mnist-tui-bench-") as name:
        folder = Path(name)
        path = folder / METRICS
        print(f"{'append, per row':<28} {write(path, num_rows):8.1f} us")
        sizes = [file.stat().st_size / 2**20 for file in (path, sidecar_of(path))]
        print(f"{'size: JSONL, sidecar':<28} {sizes[0]:8.1f} MiB {sizes[1]:8.1f} MiB")
        with_sidecar = opened(folder, "poll")
        show_open("open with sidecar", with_sidecar)
        print(f"{'read one new row':<28} {with_sidecar[6]:8.0f} us")
        print(f"{'look, nothing new':<28} {with_sidecar[7]:8.0f} us")
        sidecar_of(path).unlink()
        show_open("open without sidecar", opened(folder))
        begin = time.perf_counter()
        MetricWriter(path).close()
        rebuilt = time.perf_counter() - begin
        print(f"{'rebuild by the worker':<28} {rebuilt * 1e3:8.0f} ms")
        begin = time.perf_counter()
        MetricWriter(path).close()
        verified = time.perf_counter() - begin
        print(f"{'verify by the worker':<28} {verified * 1e3:8.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NUM_ROWS)
