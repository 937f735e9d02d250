from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.metrics import metric_batches, metric_columns
from mnist_tui.storage.metrics.metric_columns import ColumnReader
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.metrics.metric_records import RECORD_BYTES
from mnist_tui.storage.metrics.metric_sidecar import record_offset, sidecar_of
from mnist_tui.storage.records import MetricRow
from tests.storage.metric_files import expected, shown, write
from tests.storage.samples import sample_row

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY = 5_000
"""Rows enough that a reader takes them from the sidecar."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few rows be many: the sidecar is asked at once and everything comes in portions."""
    monkeypatch.setattr(metric_columns, "LONG_BYTES", 1)
    monkeypatch.setattr(metric_columns, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(metric_batches, "CHUNK_BYTES", 3 * RECORD_BYTES)


def opened(path: Path) -> ColumnReader:
    reader = ColumnReader(path.parent)
    reader.read()
    return reader


def steps(reader: ColumnReader, split: str = "train") -> list[int]:
    return list(reader.split(split).step)


def many(first: int = 0, last: int = MANY) -> list[MetricRow]:
    return [sample_row(step) for step in range(first, last)]


def spoil_line(path: Path, number: int) -> None:
    """Overwrite one line of JSON with what is none."""
    lines = path.read_bytes().split(b"\n")
    lines[number] = b"x" * len(lines[number])
    with path.open("r+b") as file:
        file.write(b"\n".join(lines))


def test_a_session_without_metrics_has_empty_columns(tmp_path: Path) -> None:
    reader = ColumnReader(tmp_path)
    assert not reader.read()
    for split in ("train", "val", "test", "unheard of"):
        assert all(len(column) == 0 for column in vars(reader.split(split)).values())


def test_columns_hold_what_the_rows_say(path: Path) -> None:
    rows = [
        sample_row(1, loss=None, time="2026-01-02T03:04:05.678Z"),
        sample_row(1, "val", accuracy=0.25, mse=None),
        sample_row(2, learning_rate=0.5),
    ]
    write(path, rows)
    reader = opened(path)
    train, val = reader.split("train"), reader.split("val")
    assert train.step.tolist() == [1, 2]
    assert train.epoch.tolist() == [0.1, 0.2]
    assert np.isnan(train.loss[0])
    assert train.loss[1] == 1 / 3
    assert train.learning_rate.tolist() == [0.001, 0.5]
    assert train.time[0] == 1767323045.678
    assert (val.accuracy.tolist(), np.isnan(val.mse).tolist()) == ([0.25], [True])
    assert len(reader.split("test")) == 0
    assert len(val) == 1


def test_a_long_session_comes_from_its_sidecar(path: Path) -> None:
    write(path, many())
    told = expected(path)
    spoil_line(path, 1_000)
    assert shown(opened(path)) == told
    sidecar_of(path).unlink()
    assert len(steps(opened(path))) == MANY - 1


def test_a_session_of_a_version_without_sidecars_opens_the_same(path: Path) -> None:
    write(path, many())
    sidecar_of(path).unlink()
    reader = opened(path)
    assert shown(reader) == expected(path)
    assert not sidecar_of(path).exists()


def test_a_sidecar_that_is_behind_is_carried_on_from_the_lines(path: Path) -> None:
    write(path, many())
    behind = sidecar_of(path).read_bytes()
    write(path, many(MANY, MANY + 100))
    sidecar_of(path).write_bytes(behind)
    told = expected(path)
    assert len(told["train"]["step"]) == 8 * (MANY + 100)
    spoil_line(path, 1_000)
    assert shown(opened(path)) == told


def test_a_torn_record_at_the_end_is_no_record(path: Path) -> None:
    write(path, many())
    told = expected(path)
    spoil_line(path, 1_000)
    whole = sidecar_of(path).read_bytes()
    for length in range(1, RECORD_BYTES):
        sidecar_of(path).write_bytes(whole[:-length])
        assert shown(opened(path)) == told


@pytest.mark.parametrize("where", [3, 7, 9, 500, MANY * RECORD_BYTES // 2, -RECORD_BYTES + 1, -9])
def test_a_sidecar_with_a_changed_byte_is_not_believed(path: Path, where: int) -> None:
    write(path, many())
    content = bytearray(sidecar_of(path).read_bytes())
    content[where] ^= 64
    sidecar_of(path).write_bytes(content)
    assert shown(opened(path)) == expected(path)


def test_a_sidecar_of_another_session_is_not_believed(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "metrics.jsonl"
    other.parent.mkdir()
    write(other, [sample_row(step, loss=0.25) for step in range(MANY)])
    write(path, many())
    sidecar_of(other).replace(sidecar_of(path))
    assert shown(opened(path)) == expected(path)


def test_a_reader_shows_each_row_as_it_appears(path: Path) -> None:
    reader = ColumnReader(path.parent)
    writer = MetricWriter(path)
    for step in range(200):
        writer.append([sample_row(step), sample_row(step, "val")])
        assert reader.read()
        assert steps(reader)[-1] == steps(reader, "val")[-1] == step
        assert not reader.read()
    writer.close()
    assert shown(reader) == expected(path)


def test_a_reader_that_looked_away_for_long_catches_up_from_the_sidecar(path: Path) -> None:
    write(path, many())
    reader = opened(path)
    write(path, many(MANY, 2 * MANY))
    told = expected(path)
    spoil_line(path, MANY + 1_000)
    assert reader.read()
    assert shown(reader) == told


def test_damage_where_a_reader_goes_on_costs_no_row(path: Path) -> None:
    write(path, many())
    reader = opened(path)
    end_of_known = path.stat().st_size
    write(path, many(MANY, 2 * MANY))
    # The first new record looks like an old one.
    with sidecar_of(path).open("r+b") as file:
        file.seek(record_offset(MANY))
        file.write(end_of_known.to_bytes(8, "little"))
    reader.read()
    assert shown(reader) == expected(path)


def test_half_a_line_waits_for_its_end_at_every_byte(path: Path) -> None:
    whole_path = path.with_name("whole.jsonl")
    write(whole_path, [sample_row(1), sample_row(2)])
    whole = whole_path.read_bytes()
    reader = ColumnReader(path.parent)
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        reader.read()
        assert len(steps(reader)) == max(0, whole[:length].count(b"\n") - 1)


def test_a_replaced_or_cut_file_is_shown_from_its_beginning(path: Path) -> None:
    write(path, many())
    reader = opened(path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:11]))
    assert reader.read()
    assert steps(reader) == list(range(10))
    other = path.with_name("other.jsonl")
    write(other, many(10, 2 * MANY))
    other.replace(path)
    assert reader.read()
    assert steps(reader) == list(range(10, 2 * MANY))


def test_a_resumed_training_changes_no_columns_that_were_handed_out(path: Path) -> None:
    write(path, [sample_row(step, generation=1) for step in range(1, 60)])
    reader = opened(path)
    before = reader.split("train")
    assert reader.split("train") is before
    write(path, [sample_row(step, generation=2, loss=9.0) for step in range(31, 60)])
    assert reader.read()
    assert 9.0 not in before.loss.tolist()
    assert reader.split("train").loss.tolist()[30:] == [9.0] * 29
    with pytest.raises(ValueError, match="read-only"):
        before.loss[0] = 1.0


def test_times_that_are_none_and_damaged_lines_cost_only_themselves(path: Path) -> None:
    write(path, [sample_row(1)])
    with path.open("ab") as file:
        file.write(b"\xff garbage\n" + b"[" * 100_000 + b'\n{"step":-1}\n')
    write(path, [sample_row(2, time="yesterday"), sample_row(3, time="2026-01-02T03:04:05")])
    write(path, [sample_row(4, "elsewhere"), sample_row(5)])
    reader = opened(path)
    assert steps(reader) == [1, 2, 3, 5]
    assert np.isnan(reader.split("train").time).tolist() == [False, True, True, False]


@pytest.mark.usefixtures("_small_portions")
def test_a_newer_format_is_refused_with_or_without_a_sidecar(path: Path) -> None:
    write(path, many(0, 10))
    content = path.read_bytes()
    path.write_bytes(content.replace(b'{"format":1}', b'{"format":2}'))
    for _ in range(2):
        with pytest.raises(StorageError, match="newer mnist-tui"):
            opened(path)
        sidecar_of(path).unlink(missing_ok=True)


NUMBERS = st.none() | st.floats(allow_nan=True, allow_infinity=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.builds(
    MetricRow,
    step=st.integers(0, 12),
    epoch=FINITE,
    split=st.sampled_from(["train", "train", "val", "test", "elsewhere"]),
    loss=NUMBERS,
    accuracy=NUMBERS,
    mse=NUMBERS,
    learning_rate=FINITE,
    time=st.sampled_from(["2026-01-02T03:04:05.678Z", "1969-12-31T23:59:59.999Z"]),
    generation=st.integers(0, 4),
)


@pytest.mark.usefixtures("_small_portions")
@settings(deadline=None, max_examples=300)
@given(
    workers=st.lists(st.lists(st.lists(ROWS, max_size=8), max_size=4), max_size=4),
    has_sidecar=st.booleans(),
)
def test_whatever_was_written_the_columns_say_what_the_rows_say(
    workers: Sequence[Sequence[Sequence[MetricRow]]], *, has_sidecar: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.jsonl"
        follower = ColumnReader(path.parent)
        for batches in workers:
            writer = MetricWriter(path)
            for rows in batches:
                writer.append(rows)
                follower.read()
                assert shown(follower) == expected(path)
            writer.close()
        if not has_sidecar and workers:
            sidecar_of(path).unlink()
        assert shown(opened(path)) == expected(path)
