"""Expected contents of metric columns, bit for bit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.metrics.metric_log import MetricReader, MetricSeries, MetricWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mnist_tui.storage.metrics.metric_columns import ColumnReader
    from mnist_tui.storage.records import MetricRow

SPLITS = ("train", "val", "test")
Told = dict[str, dict[str, bytes]]
"""The bytes of each column of each split, so that NaN equals NaN and 0.0 differs from -0.0."""

WRITER = """
import sys
from pathlib import Path
from mnist_tui.storage.metrics.metric_log import MetricWriter
from tests.storage.samples import sample_row
writer = MetricWriter(Path(sys.argv[1]))
for step in range(int(sys.argv[2]), 10**9):
    writer.append([sample_row(step), sample_row(step, "val")])
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
"""
"""Appends rows to the file argv[1], from step argv[2] on, and tells each until it is killed."""


def write(path: Path, rows: Sequence[MetricRow]) -> None:
    """Append rows as a worker does that starts and ends."""
    writer = MetricWriter(path)
    writer.append(rows)
    writer.close()


def shown(reader: ColumnReader) -> Told:
    """Return what the columns of a reader say."""
    return {
        split: {name: array.tobytes() for name, array in vars(reader.split(split)).items()}
        for split in SPLITS
    }


def expected(path: Path) -> Told:
    """Return what they must say, row by row from the JSON."""
    reader, series = MetricReader(path), MetricSeries()
    while rows := reader.read_new():
        series.apply(rows)
    return {split: told(series.rows(split)) for split in SPLITS}


def told(rows: Iterable[MetricRow]) -> dict[str, bytes]:
    """Return rows in the way of `shown`."""
    rows = list(rows)
    names = ("epoch", "loss", "accuracy", "mse", "learning_rate")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    columns["time"] = [datetime.fromisoformat(row.time).timestamp() for row in rows]
    return {
        "step": np.array([row.step for row in rows], np.int64).tobytes(),
        **{name: np.array(column, np.float64).tobytes() for name, column in columns.items()},
    }
