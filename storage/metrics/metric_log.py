"""Metric log of a session, `metrics.jsonl`: appended by its worker, followed by readers.

A resumed training measures some steps again. Rows carry the generation of the worker that wrote
them, and readers keep the newest row of each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mnist_tui.storage.line_follower import LineFollower
from mnist_tui.storage.lines import UNREADABLE, LineAppender
from mnist_tui.storage.metrics.metric_records import METRICS_FORMAT
from mnist_tui.storage.metrics.sidecar_writer import SidecarWriter
from mnist_tui.storage.records import MetricRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MAX_READ_BYTES = 16 * 1024 * 1024

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(MetricRow)


class MetricWriter:
    """Appends rows to `path`, and to its sidecar, for the one worker that owns the session."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if there is none.

        Raises:
            StorageError: It cannot be opened.
        """
        self._lines = LineAppender(path, METRICS_FORMAT)
        self._sidecar = SidecarWriter(path)

    def append(self, rows: Sequence[MetricRow]) -> None:
        """Append all rows in one write; a number that is not finite becomes null.

        Raises:
            StorageError: They could not all be written; later ones still can.
        """
        if not rows:
            return
        lines = [_encoder.encode(row) + b"\n" for row in rows]
        self._lines.append(b"".join(lines))
        self._sidecar.append(rows, [len(line) for line in lines], self._lines.size())

    def sync(self) -> None:
        """Make the rows durable; what went wrong with the sidecar is tried again."""
        self._lines.sync()
        self._sidecar.recover()

    def close(self) -> None:
        """Close the files."""
        self._lines.close()
        self._sidecar.close()


class MetricReader:
    """Reads the rows that were appended to `path` since the last look."""

    def __init__(self, path: Path) -> None:
        self._lines = LineFollower(path, METRICS_FORMAT)

    @property
    def num_restarts(self) -> int:
        """Times the file was replaced or cut and reading restarted with its first row."""
        return self._lines.num_restarts

    def read_new(self, max_bytes: int = MAX_READ_BYTES) -> list[MetricRow]:
        """Return the next rows, at most `max_bytes` of them; none when there is nothing new.

        Half a line waits for its end; a missing file has no rows; damaged lines are left out.

        Raises:
            StorageError: The file cannot be read or a newer version wrote it.
        """
        rows: list[MetricRow] = []
        # A stretch of damaged lines must not look like the end.
        while not rows and (chunk := self._lines.read_lines(max_bytes)):
            rows = _decode(chunk)
        return rows


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


def _decode(chunk: bytes) -> list[MetricRow]:
    try:
        return _decoder.decode_lines(chunk)
    except UNREADABLE:
        return _decode_sound_lines(chunk)


def _decode_sound_lines(chunk: bytes) -> list[MetricRow]:
    rows = []
    for line in chunk.split(b"\n"):
        try:
            rows.append(_decoder.decode(line))
        except UNREADABLE:
            continue
    return rows
