"""Metric rows as numpy arrays of records, from the binary sidecar or from lines of JSON.

numpy costs 120 ms to import: nothing that must start fast imports this.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta, Struct

from mnist_tui.storage.lines import UNREADABLE
from mnist_tui.storage.metrics.metric_records import (
    FIELDS,
    MAX_GENERATION,
    MAX_STEP,
    RECORD_BYTES,
    Instant,
    is_storable,
    pack_row,
    split_code,
)
from mnist_tui.storage.metrics.metric_sidecar import (
    CHUNK_BYTES,
    record_offset,
    sidecar_of,
    trusted_records,
)
from mnist_tui.storage.records import MetricRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

Batch: TypeAlias = "NDArray[np.void]"
"""Records in the order of the file, with the fields of `storage.metrics.metric_records.FIELDS`."""

RECORD = np.dtype(
    {
        "names": list(FIELDS),
        "formats": [f"<{code}" for code in FIELDS.values()],
        "itemsize": RECORD_BYTES,
    }
)
_MEASURED = ("loss", "accuracy", "mse")


class _TimedRow(Struct, frozen=True, gc=False):
    """A `MetricRow` as a record can hold it; its time is decoded in C."""

    step: Annotated[int, Meta(ge=0, le=MAX_STEP)]
    epoch: float
    split: str
    loss: float | None
    accuracy: float | None
    mse: float | None
    learning_rate: float
    time: Instant
    generation: Annotated[int, Meta(ge=0, le=MAX_GENERATION)] = 0


_timed_decoder = msgspec.json.Decoder(_TimedRow)
_decoder = msgspec.json.Decoder(MetricRow)


def sidecar_batches(metrics: Path, begin: int) -> Iterator[Batch]:
    """Yield the rows whose lines end after byte `begin` of the JSONL file `metrics`.

    There are none if the sidecar is missing, behind or not to be trusted. A batch is valid until
    the next one is asked for.
    """
    buffer = bytearray(CHUNK_BYTES)
    try:
        with sidecar_of(metrics).open("rb", buffering=0) as file:
            sound = trusted_records(file.fileno(), metrics, begin)
            left = len(sound) * RECORD_BYTES
            file.seek(record_offset(sound.start))
            while left:
                part = memoryview(buffer)[:left]
                if file.readinto(part) < len(part):
                    return
                yield np.frombuffer(part, RECORD)
                left -= len(part)
    except OSError:
        return


def decode_batch(lines: bytes) -> Batch:
    """Return the rows of whole lines of JSON; damaged lines are left out."""
    try:
        return _timed_batch(_timed_decoder.decode_lines(lines))
    except (*UNREADABLE, OverflowError):
        # A damaged line, or a time that is none: one by one, as a sidecar is written.
        return np.frombuffer(b"".join(_packed_rows(lines)), RECORD)


def _timed_batch(rows: list[_TimedRow]) -> Batch:
    batch = np.zeros(len(rows), RECORD)
    batch["generation"] = [row.generation for row in rows]
    batch["step"] = [row.step for row in rows]
    batch["epoch"] = [row.epoch for row in rows]
    batch["time"] = [datetime.timestamp(row.time) for row in rows]
    batch["learning_rate"] = [row.learning_rate for row in rows]
    batch["split"] = [split_code(row.split) for row in rows]
    for name in _MEASURED:
        # None becomes NaN.
        batch[name] = np.array([getattr(row, name) for row in rows], np.float64)
    return batch


def _packed_rows(lines: bytes) -> Iterator[bytes]:
    for line in lines.split(b"\n"):
        try:
            row = _decoder.decode(line)
        except UNREADABLE:
            continue
        if is_storable(row):
            yield pack_row(row, end=0, check=0)
