"""Validation of the binary sidecar: which of its records can be trusted.

The sidecar may be missing, damaged, behind, or left over from another file at any time; it is never
more than a faster way to what `metrics.jsonl` says.
"""

from __future__ import annotations

import errno
import os
from bisect import bisect_right
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from mnist_tui.storage.lines import UNREADABLE
from mnist_tui.storage.metrics.metric_records import (
    HEADER,
    RECORD_BYTES,
    end_and_check,
    is_storable,
    pack_row,
)
from mnist_tui.storage.records import MetricRow

if TYPE_CHECKING:
    from pathlib import Path

MAX_LINE_BYTES = 4096
CHUNK_BYTES = 16_384 * RECORD_BYTES
"""Bytes read at a time: little memory, few system calls."""

_decoder = msgspec.json.Decoder(MetricRow)


def sidecar_of(metrics: Path) -> Path:
    """Return where the binary sidecar of the JSONL file `metrics` lies."""
    return metrics.with_suffix(".bin")


def trusted_records(descriptor: int, metrics: Path, begin: int) -> range:
    """Return the numbers of the records of all rows whose lines end after byte `begin`.

    They are none unless the newest record is exactly what the JSONL file says where it points to,
    and vouches for all records before it from there on.

    Raises:
        OSError: One of the files cannot be read.
    """
    count = (os.fstat(descriptor).st_size - len(HEADER)) // RECORD_BYTES
    if count <= 0 or os.pread(descriptor, len(HEADER), 0) != HEADER:
        return range(0)
    first = bisect_right(range(count), begin, key=lambda number: _end(descriptor, number))
    if first == count:
        return range(0)
    newest = read_record(descriptor, count - 1)
    # From the one before: that `first` is the first depends on it.
    stretch = range(max(first - 1, 0), count - 1)
    is_sound = _is_in_jsonl(newest, metrics) and _vouches(newest, descriptor, stretch)
    return range(first, count) if is_sound else range(0)


def record_offset(number: int) -> int:
    """Return where a record begins in the sidecar, in bytes."""
    return len(HEADER) + number * RECORD_BYTES


def read_record(descriptor: int, number: int) -> bytes:
    """Return one record.

    Raises:
        OSError: It cannot be read, or is no longer there.
    """
    record = os.pread(descriptor, RECORD_BYTES, record_offset(number))
    if len(record) < RECORD_BYTES:
        raise OSError(errno.EIO, "the file was cut meanwhile")
    return record


def _end(descriptor: int, number: int) -> int:
    return end_and_check(read_record(descriptor, number))[0]


def _is_in_jsonl(record: bytes, metrics: Path) -> bool:
    """Return True if the line that ends where the record says gives this very record."""
    end, check = end_and_check(record)
    begin = max(0, end - MAX_LINE_BYTES)
    if end <= 0:
        return False
    with metrics.open("rb", buffering=0) as file:
        content = os.pread(file.fileno(), end - begin, begin)
    if len(content) < end - begin or not content.endswith(b"\n"):
        return False
    try:
        row = _decoder.decode(content[:-1].rpartition(b"\n")[2])
    except UNREADABLE:
        return False
    return is_storable(row) and pack_row(row, end, check) == record


def _vouches(newest: bytes, descriptor: int, before: range) -> bool:
    """Return True if the bytes of the records `before` the newest give its checksum."""
    if before.start == 0:
        check = crc32(HEADER)
    else:
        check = end_and_check(read_record(descriptor, before.start))[1]
    offset, stop = record_offset(before.start), record_offset(before.stop)
    while offset < stop:
        chunk = os.pread(descriptor, min(CHUNK_BYTES, stop - offset), offset)
        if not chunk:
            return False
        check = crc32(chunk, check)
        offset += len(chunk)
    return check == end_and_check(newest)[1]
