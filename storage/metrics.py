"""The measurements of a session: `metrics.jsonl`, appended by its worker, followed by readers.

A resumed training measures some steps again. Rows carry the generation of the worker that wrote
them, and readers keep the newest row of each step.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from storage.atomic import reason
from storage.errors import StorageError
from storage.lines import UNREADABLE, LineAppender, require_known_format
from storage.records import MetricRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

METRICS_FORMAT = 1
MAX_READ_BYTES = 16 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(MetricRow)


class MetricWriter:
    """Appends rows to `path` for the one worker that owns the session."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if there is none.

        Raises:
            StorageError: It cannot be opened.
        """
        self._lines = LineAppender(path, METRICS_FORMAT)

    def append(self, rows: Sequence[MetricRow]) -> None:
        """Append all rows in one write; a number that is not finite becomes null.

        Raises:
            StorageError: They could not all be written; later ones still can.
        """
        if rows:
            self._lines.append(_encoder.encode_lines(rows))

    def sync(self) -> None:
        """Make the rows durable."""
        self._lines.sync()

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


class MetricReader:
    """Reads the rows that were appended to `path` since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._file_id: tuple[int, int] | None = None
        self.num_restarts = 0
        """How often the file was replaced or cut and reading began again with its first row."""

    def read_new(self, max_bytes: int = MAX_READ_BYTES) -> list[MetricRow]:
        """Return the next rows, at most `max_bytes` of them; none when there is nothing new.

        Half a line waits for its end; a missing file has no rows; damaged lines are left out.

        Raises:
            StorageError: The file cannot be read or a newer version wrote it.
        """
        rows: list[MetricRow] = []
        # A stretch of damaged lines must not look like the end.
        while not rows and (chunk := self._read_chunk(max_bytes)):
            rows = self._decode(chunk)
            self._offset += len(chunk)
        return rows

    def _read_chunk(self, max_bytes: int) -> bytes:
        """Return the next whole lines, empty where there are none."""
        try:
            with self.path.open("rb", buffering=0) as file:
                self._start_over_if_replaced(os.fstat(file.fileno()))
                chunk = os.pread(file.fileno(), max_bytes, self._offset)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StorageError(
                f"The metrics {self.path} cannot be read ({reason(error)}); check its permissions."
            ) from error
        end = chunk.rfind(b"\n") + 1
        if end == 0 and len(chunk) == max_bytes:
            return chunk
        return chunk[:end]

    def _start_over_if_replaced(self, status: os.stat_result) -> None:
        file_id = (status.st_dev, status.st_ino)
        if self._file_id is not None and (
            file_id != self._file_id or status.st_size < self._offset
        ):
            self._offset = 0
            self.num_restarts += 1
        self._file_id = file_id

    def _decode(self, chunk: bytes) -> list[MetricRow]:
        if self._offset == 0:
            first_line, _, rest = chunk.partition(b"\n")
            if require_known_format(self.path, first_line, METRICS_FORMAT):
                chunk = rest
        try:
            return _decoder.decode_lines(chunk)
        except UNREADABLE:
            return _decode_sound_lines(chunk)


class MetricSeries:
    """The rows of each split that hold, in the order of their steps."""

    def __init__(self) -> None:
        self._splits: dict[str, list[MetricRow]] = {}
        self._generation = 0

    def apply(self, rows: Iterable[MetricRow]) -> None:
        """Add rows in the order of the file; each replaces what an older worker knew of its step.

        The first row of a new worker also ends what the one before measured after that step: it
        is a future that was lost. Rows of a worker that was replaced are left out.
        """
        for row in rows:
            if row.generation < self._generation:
                continue
            if row.generation > self._generation:
                self._generation = row.generation
                for earlier in self._splits.values():
                    _drop_from(earlier, row.step + 1)
            known = self._splits.setdefault(row.split, [])
            _drop_from(known, row.step)
            known.append(row)

    def rows(self, split: str) -> list[MetricRow]:
        """Return the rows of `split`, as they are now; not to be changed."""
        return self._splits.get(split, [])


def read_metrics(path: Path) -> list[MetricRow]:
    """Return the rows that hold, of all splits, in the order of the file.

    Raises:
        StorageError: The file cannot be read or a newer version wrote it.
    """
    reader = MetricReader(path)
    series = MetricSeries()
    all_rows: list[MetricRow] = []
    while rows := reader.read_new():
        series.apply(rows)
        all_rows += rows
    kept = {id(row) for split in {row.split for row in all_rows} for row in series.rows(split)}
    return [row for row in all_rows if id(row) in kept]


def _drop_from(rows: list[MetricRow], step: int) -> None:
    while rows and rows[-1].step >= step:
        rows.pop()


def _decode_sound_lines(chunk: bytes) -> list[MetricRow]:
    rows = []
    for line in chunk.split(b"\n"):
        try:
            rows.append(_decoder.decode(line))
        except UNREADABLE:
            continue
    return rows
