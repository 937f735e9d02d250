from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.metrics.metric_log import (
    MetricReader,
    MetricSeries,
    MetricWriter,
    read_metrics,
)
from tests.storage.metric_files import WRITER
from tests.storage.samples import full_disk, kill, sample_row, start_python

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.records import MetricRow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def write(path: Path, *rows: MetricRow) -> None:
    writer = MetricWriter(path)
    writer.append(rows)
    writer.sync()
    writer.close()


def steps(rows: list[MetricRow]) -> list[int]:
    return [row.step for row in rows]


def test_rows_come_back_in_order(path: Path) -> None:
    rows = [sample_row(1), sample_row(2, loss=None), sample_row(2, "val"), sample_row(3, "test")]
    write(path, *rows[:2])
    write(path, *rows[2:])
    assert read_metrics(path) == rows


def test_the_first_line_says_the_format_once(path: Path) -> None:
    write(path, sample_row(1))
    write(path, sample_row(2))
    lines = path.read_text().splitlines()
    assert lines[0] == '{"format":1}'
    assert len(lines) == 3


def test_no_rows_write_nothing(path: Path) -> None:
    write(path)
    assert path.read_bytes() == b""


def test_a_file_without_a_header_is_read_too(path: Path) -> None:
    write(path, sample_row(1), sample_row(2))
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    assert steps(read_metrics(path)) == [1, 2]


def test_numbers_that_are_not_finite_are_written_as_null(path: Path) -> None:
    write(path, sample_row(1, loss=float("nan"), accuracy=float("inf"), mse=float("-inf")))

    def refuse(word: str) -> None:
        raise AssertionError(word)

    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=refuse)
    assert read_metrics(path) == [sample_row(1, loss=None, accuracy=None, mse=None)]


def test_a_reader_returns_each_row_once_as_it_appears(path: Path) -> None:
    reader = MetricReader(path)
    assert reader.read_new() == []
    writer = MetricWriter(path)
    for step in range(5):
        writer.append([sample_row(step), sample_row(step, "val")])
        assert reader.read_new() == [sample_row(step), sample_row(step, "val")]
        assert reader.read_new() == []
    writer.close()
    assert reader.num_restarts == 0


def test_half_a_line_waits_for_its_end_at_every_byte(path: Path) -> None:
    write(path, sample_row(1), sample_row(2, "val"))
    whole = path.read_bytes()
    growing = path.with_name("growing.jsonl")
    reader = MetricReader(growing)
    rows: list[MetricRow] = []
    for length in range(len(whole) + 1):
        growing.write_bytes(whole[:length])
        rows += reader.read_new()
        assert len(rows) == max(0, whole[:length].count(b"\n") - 1)
    assert rows == [sample_row(1), sample_row(2, "val")]


def test_a_writer_begins_a_new_line_after_half_a_line_of_a_killed_one(path: Path) -> None:
    write(path, sample_row(1))
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        before = steps(read_metrics(path))
        write(path, sample_row(2))
        # Only where nothing but the line break was missing, the row before counts again.
        expected = [1, 2] if length >= len(whole) - 1 else [*before, 2]
        assert steps(read_metrics(path)) == expected


def test_garbage_lines_are_passed_over(path: Path) -> None:
    write(path, sample_row(1))
    with path.open("ab") as file:
        file.write(b"\xff\xfe garbage\n\n{}\n[" + b"[" * 100_000 + b'\n{"step":1e999}\n')
    write(path, sample_row(2))
    assert steps(read_metrics(path)) == [1, 2]


def test_a_file_that_was_replaced_or_cut_is_read_from_its_beginning(path: Path) -> None:
    write(path, sample_row(1), sample_row(2), sample_row(3))
    reader = MetricReader(path)
    assert steps(reader.read_new()) == [1, 2, 3]
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:2]) + b"\n")
    assert steps(reader.read_new()) == [1]
    assert reader.num_restarts == 1
    other = path.with_name("other")
    write(other, sample_row(7), sample_row(8), sample_row(9), sample_row(10))
    other.replace(path)
    assert steps(reader.read_new()) == [7, 8, 9, 10]
    assert reader.num_restarts == 2
    path.unlink()
    assert reader.read_new() == []


def test_a_long_file_comes_in_portions_and_whole(path: Path) -> None:
    rows = [sample_row(step) for step in range(1000)]
    write(path, *rows)
    reader = MetricReader(path)
    portions = []
    while portion := reader.read_new(max_bytes=10_000):
        portions.append(portion)
    assert len(portions) > 10
    assert [row for portion in portions for row in portion] == rows


def test_a_stretch_of_garbage_longer_than_a_portion_hides_nothing_behind_it(path: Path) -> None:
    write(path, sample_row(1))
    with path.open("ab") as file:
        file.write(b"x" * 50_000 + b"\n")
    write(path, sample_row(2))
    reader = MetricReader(path)
    rows = []
    while portion := reader.read_new(max_bytes=10_000):
        rows += portion
    assert steps(rows) == [1, 2]


def test_a_full_disk_is_one_sentence_and_later_rows_are_readable(path: Path) -> None:
    writer = MetricWriter(path)
    writer.append([sample_row(1)])
    with full_disk(path.stat().st_size + 200), pytest.raises(StorageError) as caught:
        writer.append([sample_row(2), sample_row(3)])
    assert str(caught.value) == (
        f"{path} could not be written (File too large); make room on that disk."
    )
    writer.append([sample_row(4)])
    writer.close()
    assert steps(read_metrics(path)) in ([1, 4], [1, 2, 4])


def test_a_newer_format_is_refused_with_a_sentence(path: Path) -> None:
    path.write_text('{"format":2}\n{"what":"ever"}\n')
    for read in (read_metrics, lambda path: MetricReader(path).read_new()):
        with pytest.raises(StorageError) as caught:
            read(path)
        assert str(caught.value) == (
            f"{path} was written by a newer mnist-tui (format 2, this one reads up to 1);"
            " upgrade mnist-tui to use it."
        )


def test_a_removed_session_folder_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "metrics.jsonl"
    with pytest.raises(StorageError) as caught:
        MetricWriter(path)
    assert str(caught.value) == (
        f"{path} cannot be written (No such file or directory);"
        " check that its folder is still there and yours."
    )


def test_a_killed_writer_loses_no_row_it_told_of(path: Path) -> None:
    chance = random.Random(2)
    acknowledged = -1
    for _ in range(5):
        writer = start_python(WRITER, path, acknowledged + 1)
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 300)):
            acknowledged = int(writer.stdout.readline())
        rest = kill(writer).split(b"\n")[:-1]
        acknowledged = int(rest[-1]) if rest else acknowledged
        series = MetricSeries()
        series.apply(read_metrics(path))
        for split in ("train", "val"):
            found = steps(series.rows(split))
            assert found == list(range(len(found)))
            assert acknowledged + 1 <= len(found) <= acknowledged + 2


def test_a_resumed_training_replaces_what_it_measures_again(path: Path) -> None:
    first = [sample_row(step, generation=1) for step in (10, 20, 30, 40)]
    again = [sample_row(step, generation=2, loss=0.5) for step in (30, 40, 50)]
    write(path, *first, *again)
    assert read_metrics(path) == first[:2] + again
    series = MetricSeries()
    series.apply(first)
    series.apply(again[:1])
    assert series.rows("train") == first[:2] + again[:1]


def test_what_a_lost_future_validated_goes_with_it() -> None:
    series = MetricSeries()
    series.apply([sample_row(100, generation=1), sample_row(100, "val", generation=1)])
    series.apply([sample_row(120, generation=1), sample_row(200, "val", generation=1)])
    series.apply([sample_row(110, generation=2)])
    assert steps(series.rows("train")) == [100, 110]
    assert steps(series.rows("val")) == [100]


def test_resuming_after_a_validation_keeps_it() -> None:
    series = MetricSeries()
    series.apply([sample_row(100, generation=1), sample_row(100, "val", generation=1)])
    series.apply([sample_row(100, "test", generation=2)])
    assert [steps(series.rows(split)) for split in ("train", "val", "test")] == [[100]] * 3


def test_rows_of_a_replaced_worker_are_left_out() -> None:
    series = MetricSeries()
    series.apply([sample_row(10, generation=2), sample_row(20, generation=1)])
    series.apply([sample_row(30, "val", generation=1)])
    assert steps(series.rows("train")) == [10]
    assert series.rows("val") == []


def test_interrupted_any_number_of_times_the_rows_are_those_of_one_run(path: Path) -> None:
    chance = random.Random(5)
    whole = [
        row
        for step in range(1, 101)
        for row in [sample_row(step)] + [sample_row(step, "val")] * (step % 10 == 0)
    ]
    generation, begin = 0, 0
    while begin < len(whole):
        end = chance.randint(begin, len(whole))
        rows = [sample_row(row.step, row.split, generation=generation) for row in whole[begin:end]]
        write(path, *rows)
        generation += 1
        begin = end if end == len(whole) else chance.randint(begin, end)
    found = read_metrics(path)
    assert [(row.split, row.step) for row in found] == [(row.split, row.step) for row in whole]
