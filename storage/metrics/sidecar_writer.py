"""Writer of the binary sidecar of a metric log; used by the session's worker alone.

An error in the sidecar is never fatal: it stays behind until it can be written again and then
catches up with the JSONL file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from mnist_tui.storage.atomic import PRIVATE_FILE, write_all
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.line_follower import LineFollower
from mnist_tui.storage.lines import UNREADABLE
from mnist_tui.storage.metrics.metric_records import (
    HEADER,
    METRICS_FORMAT,
    end_and_check,
    is_storable,
    pack_row,
)
from mnist_tui.storage.metrics.metric_sidecar import (
    read_record,
    record_offset,
    sidecar_of,
    trusted_records,
)
from mnist_tui.storage.records import MetricRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

CHUNK_BYTES = 1024 * 1024

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_decoder = msgspec.json.Decoder(MetricRow)


class SidecarWriter:
    """Appends a record for each row of the JSONL file `metrics`."""

    def __init__(self, metrics: Path) -> None:
        """Go on with the sidecar where it is sound, else make it anew from the JSONL file."""
        self._metrics = metrics
        self._path = sidecar_of(metrics)
        self._descriptor: int | None = None
        self._covered = 0
        self._check = 0
        self.recover()

    def append(self, rows: Sequence[MetricRow], line_lengths: Sequence[int], end: int) -> None:
        """Add rows whose lines, of these lengths in bytes, are the last before byte `end`."""
        if self._descriptor is None:
            return
        begin = end - sum(line_lengths)
        if begin == self._covered:
            ends = list(accumulate(line_lengths, initial=begin))[1:]
            self._guarded(lambda: self._write(zip(rows, ends, strict=True), end))
        else:  # a header, or half a line that could not be written
            self._guarded(self._catch_up)

    def recover(self) -> None:
        """Begin again if there was trouble."""
        if self._descriptor is None:
            self._guarded(self._open)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, StorageError):
            with suppress(OSError):
                self.close()

    def _open(self) -> None:
        self._descriptor = os.open(self._path, _FLAGS, PRIVATE_FILE)
        sound = trusted_records(self._descriptor, self._metrics, 0)
        if sound and sound.start == 0:
            self._go_on_after(self._descriptor, sound.stop)
        else:
            self._begin_anew(self._descriptor)
        self._catch_up()

    def _go_on_after(self, descriptor: int, count: int) -> None:
        newest = read_record(descriptor, count - 1)
        self._covered, check = end_and_check(newest)
        self._check = crc32(newest, check)
        os.ftruncate(descriptor, record_offset(count))  # half a record of a killed worker

    def _begin_anew(self, descriptor: int) -> None:
        # Another file, not a shorter one: a reader may be in the midst of this one.
        self._descriptor = None
        os.close(descriptor)
        self._path.unlink(missing_ok=True)
        self._descriptor = os.open(self._path, _FLAGS | os.O_EXCL, PRIVATE_FILE)
        write_all(self._descriptor, HEADER)
        self._covered, self._check = 0, crc32(HEADER)

    def _catch_up(self) -> None:
        """Take over the lines of the JSONL file that are not covered yet."""
        lines = LineFollower(self._metrics, METRICS_FORMAT)
        lines.offset = self._covered
        while chunk := lines.read_lines(CHUNK_BYTES):
            self._write(_decoded(chunk, lines.offset - len(chunk)), lines.offset)

    def _write(self, rows_and_ends: Iterable[tuple[MetricRow, int]], covered: int) -> None:
        """Append records of the rows, after which the JSONL file is covered up to that byte."""
        assert self._descriptor is not None
        records = []
        for row, end in rows_and_ends:
            if is_storable(row):
                record = pack_row(row, end, self._check)
                self._check = crc32(record, self._check)
                records.append(record)
        write_all(self._descriptor, b"".join(records))
        self._covered = covered


def _decoded(chunk: bytes, begin: int) -> Iterator[tuple[MetricRow, int]]:
    """Yield the rows of a chunk of lines, which begins at byte `begin`, and where each ends."""
    end = begin
    for line in chunk.split(b"\n"):
        end += len(line) + 1
        with suppress(*UNREADABLE):
            yield _decoder.decode(line), end
