"""Random damage to metrics and sidecar: one sentence at worst, and never a row nobody wrote.

`pytest -m fault tests/storage/metrics/test_metric_damage.py` takes twenty times as many.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.line_follower import MAX_HEADER_BYTES
from mnist_tui.storage.metrics import metric_columns
from mnist_tui.storage.metrics.metric_columns import ColumnReader
from mnist_tui.storage.metrics.metric_log import MetricReader, read_metrics
from mnist_tui.storage.metrics.metric_sidecar import sidecar_of
from tests.storage.metric_files import SPLITS, write
from tests.storage.samples import sample_row

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import MetricRow

NUM_ROUNDS = 300
NO_LOSS = -1.0
"""Stands for NaN, which is not even itself."""
Shown = tuple[str, int, float, float]
"""Split, step, loss and learning rate of a row."""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(metric_columns, "LONG_BYTES", 1)  # few rows come from the sidecar too
    return tmp_path / "metrics.jsonl"


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return `content` after one thing that happens to files."""
    at, length = chance.randrange(len(content)), chance.randint(1, 300)
    rest = content[at + length :]
    other = chance.randrange(len(content))
    kinds = (
        lambda: content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
        lambda: content[:at] + b"\0" * length + rest,
        lambda: content[:at] + chance.randbytes(length) + rest,
        lambda: content[:at] + rest,
        lambda: content[:at] + content[other : other + length] + content[at:],
        lambda: content[:at],
    )
    return chance.choice(kinds)()


def history(chance: random.Random) -> list[list[MetricRow]]:
    """Return what three workers write, each resuming somewhere in what the one before did."""
    workers, begin = [], 0
    for generation in range(1, 4):
        end = begin + chance.randint(1, 60)
        rows = [
            sample_row(step, split, generation=generation, loss=chance.random())
            for step in range(begin, end)
            for split in ("train", "val")[: 1 + (step % 10 == 0)]
        ]
        workers.append(rows)
        begin = chance.randint(begin, end)
    return workers


def rows_shown(reader: ColumnReader) -> set[Shown]:
    shown: set[Shown] = set()
    for name in SPLITS:
        split = reader.split(name)
        assert (split.step[1:] > split.step[:-1]).all()
        losses = np.nan_to_num(split.loss, nan=NO_LOSS).tolist()
        columns = (split.step.tolist(), losses, split.learning_rate.tolist())
        shown |= {(name, *values) for values in zip(*columns, strict=True)}
    return shown


def in_jsonl(path: Path) -> set[Shown]:
    """Return all rows of the JSON, whether they hold or not."""
    reader = MetricReader(path)
    found: set[Shown] = set()
    while rows := reader.read_new():
        for row in rows:
            loss = NO_LOSS if row.loss is None else row.loss
            found.add((row.split, row.step, loss, row.learning_rate))
    return found


def read(reader: ColumnReader) -> bool:
    """Read and return whether the file could be read; nothing but a StorageError may come."""
    try:
        reader.read()
    except StorageError:
        return False
    return True


def one_round(path: Path, chance: random.Random) -> None:
    path.unlink(missing_ok=True)
    sidecar_of(path).unlink(missing_ok=True)
    for rows in history(chance):
        write(path, rows)
    follower = ColumnReader(path.parent)
    assert read(follower)
    written = in_jsonl(path)
    assert rows_shown(follower) <= written

    for _ in range(chance.randint(1, 3)):
        file = chance.choice([path, sidecar_of(path)])
        if file.stat().st_size:
            file.write_bytes(damaged(file.read_bytes(), chance))
    fresh = ColumnReader(path.parent)
    for reader in (fresh, follower):
        if read(reader):
            assert rows_shown(reader) <= written | in_jsonl(path)

    # The next worker goes on, and whoever reads from then on agrees with the JSON.
    row = sample_row(500, generation=9, loss=0.25)
    write(path, [row])
    newest = ColumnReader(path.parent)
    if read(newest):
        assert rows_shown(newest) <= written | in_jsonl(path)
        if row in read_metrics(path):  # damage can make a line that seems to be of a newer worker
            assert ("train", 500, 0.25, 0.001) in rows_shown(newest)


def test_damage_to_both_files_shows_no_row_that_was_not_written(path: Path) -> None:
    for seed in range(NUM_ROUNDS):
        one_round(path, random.Random(seed))


@pytest.mark.fault
def test_damage_to_both_files_twenty_times_as_often(path: Path) -> None:
    for seed in range(NUM_ROUNDS, 20 * NUM_ROUNDS):
        one_round(path, random.Random(seed))


def test_a_file_of_bytes_without_a_line_break_is_no_rows(path: Path) -> None:
    path.write_bytes(b"x" * (MAX_HEADER_BYTES + 1))
    reader = ColumnReader(path.parent)
    assert read(reader)
    assert rows_shown(reader) == set()
