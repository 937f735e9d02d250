"""Record format of the binary sidecar `metrics.bin`: 80 bytes per metric row, little-endian.

A header says magic, format and record size; records of that size follow, one for each readable row
of `metrics.jsonl`, in its order.
"""

from __future__ import annotations

import math
import struct
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from mnist_tui.storage.records import MetricRow

METRICS_FORMAT = 1
"""Of metrics.jsonl."""
SIDECAR_FORMAT = 1
SPLITS: Final = ("train", "val", "test")
"""The splits; a record holds the index of its row's."""
OTHER_SPLIT = len(SPLITS)
"""The code of every other split: such a row may begin a generation, but belongs to no curve."""
MAX_STEP = 2**62
MAX_GENERATION = 2**31 - 1

FIELDS: Final = {
    # Where the line of the row ends in metrics.jsonl: how much of it the sidecar covers.
    "end": "q",
    # CRC-32 of all bytes of the file before this record: the newest vouches for the rest.
    "check": "I",
    "generation": "i",
    "step": "q",
    "epoch": "d",
    # Unix seconds; like the metrics NaN if there is none.
    "time": "d",
    "loss": "d",
    "accuracy": "d",
    "mse": "d",
    "learning_rate": "d",
    "split": "B",
}
"""Name and `struct` code of each field of a record, without gaps."""

_record = struct.Struct("<" + "".join(FIELDS.values()) + "7x")
RECORD_BYTES: Final = _record.size
HEADER: Final = struct.pack("<6sHQ", b"MNTUIM", SIDECAR_FORMAT, RECORD_BYTES)
_beginning = struct.Struct("<qI")

Instant = Annotated[datetime, Meta(tz=True)]
_CODES = {split: code for code, split in enumerate(SPLITS)}
_NAN = math.nan


def pack_row(row: MetricRow, end: int, check: int) -> bytes:
    """Return the record of a storable row.

    Args:
        row: The row.
        end: Where its line ends in the JSONL file, in bytes.
        check: CRC-32 of everything that stands before the record.
    """
    return _record.pack(
        end,
        check,
        row.generation,
        row.step,
        row.epoch,
        _seconds(row.time),
        _number(row.loss),
        _number(row.accuracy),
        _number(row.mse),
        row.learning_rate,
        split_code(row.split),
    )


def end_and_check(record: bytes) -> tuple[int, int]:
    """Return where the line of a record's row ends, and the CRC-32 of what precedes the record."""
    end, check = _beginning.unpack_from(record)
    return end, check


def is_storable(row: MetricRow) -> bool:
    """Return True if readers of the JSONL file can take this row, and a record can hold it."""
    return (
        0 <= row.step <= MAX_STEP
        and 0 <= row.generation <= MAX_GENERATION
        and math.isfinite(row.epoch)
        and math.isfinite(row.learning_rate)
    )


def split_code(split: str) -> int:
    """Return the number of a split in a record."""
    return _CODES.get(split, OTHER_SPLIT)


def _number(value: float | None) -> float:
    # JSON knows no infinity: the line says null.
    return value if value is not None and math.isfinite(value) else _NAN


def _seconds(time: str) -> float:
    try:
        instant: datetime = msgspec.convert(time, Instant)
        return instant.timestamp()
    except (msgspec.ValidationError, OverflowError):
        return _NAN
