"""The sidecar follows the JSONL file through kills, full disks and damage, and disturbs nobody."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import DiskFullError
from mnist_tui.storage.metrics.metric_columns import ColumnReader
from mnist_tui.storage.metrics.metric_log import MetricWriter, read_metrics
from mnist_tui.storage.metrics.metric_records import HEADER, RECORD_BYTES
from mnist_tui.storage.metrics.metric_sidecar import sidecar_of, trusted_records
from tests.storage.metric_files import WRITER, expected, shown, write
from tests.storage.samples import full_disk, kill, sample_row, start_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def num_trusted(path: Path) -> int:
    """Return how many records of the sidecar a reader takes who knows nothing yet."""
    with sidecar_of(path).open("rb") as file:
        return len(trusted_records(file.fileno(), path, 0))


def test_there_is_one_record_for_each_row(path: Path) -> None:
    write(path, [sample_row(step) for step in range(10)])
    write(path, [sample_row(10), sample_row(10, "val")])
    assert sidecar_of(path).name == "metrics.bin"
    assert sidecar_of(path).stat().st_size == len(HEADER) + 12 * RECORD_BYTES
    assert num_trusted(path) == 12


def test_only_the_owner_may_read_it(path: Path) -> None:
    write(path, [sample_row(1)])
    assert sidecar_of(path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: None,
        lambda content: b"",
        lambda content: content[: len(HEADER) // 2],
        lambda content: content[: -2 * RECORD_BYTES],
        lambda content: content[:-1],
        lambda content: content + content[-RECORD_BYTES:],
        lambda content: content + b"half a record",
        lambda content: content[:100] + b"\0" * 200 + content[300:],
        lambda content: content[: -RECORD_BYTES // 2] + b"\0" * (RECORD_BYTES // 2),
        lambda content: b"X" + content[1:],
        lambda content: content[:6] + b"\2\0" + content[8:],
        lambda content: b"\0" * len(content),
    ],
)
def test_the_next_worker_makes_up_for_whatever_happened_to_it(
    path: Path, damage: Callable[[bytes], bytes | None]
) -> None:
    write(path, [sample_row(step) for step in range(20)])
    content = damage(sidecar_of(path).read_bytes())
    sidecar_of(path).unlink()
    if content is not None:
        sidecar_of(path).write_bytes(content)
    write(path, [sample_row(20)])
    assert num_trusted(path) == 21
    assert sidecar_of(path).stat().st_size == len(HEADER) + 21 * RECORD_BYTES


def test_the_next_worker_covers_the_lines_of_a_version_without_sidecars(path: Path) -> None:
    write(path, [sample_row(step) for step in range(20)])
    sidecar_of(path).unlink()
    MetricWriter(path).close()
    assert num_trusted(path) == 20


def test_a_replaced_jsonl_file_gets_a_sidecar_of_its_own(path: Path) -> None:
    write(path, [sample_row(step) for step in range(20)])
    path.unlink()
    write(path, [sample_row(step, loss=3.0) for step in range(5)])
    assert num_trusted(path) == 5
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    write(path, [sample_row(9)])
    assert num_trusted(path) == 4


def test_a_line_completed_by_the_next_worker_gets_its_record(path: Path) -> None:
    write(path, [sample_row(1), sample_row(2)])
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        write(path, [sample_row(3)])
        assert num_trusted(path) == len(read_metrics(path))


def test_rows_that_no_reader_can_take_have_no_record(path: Path) -> None:
    infinite, nan = float("inf"), float("nan")
    write(path, [sample_row(1), sample_row(2, epoch=nan), sample_row(3, learning_rate=infinite)])
    write(path, [sample_row(2**63), sample_row(4, loss=infinite)])
    assert num_trusted(path) == 2
    reader = ColumnReader(path.parent)
    reader.read()
    assert reader.split("train").step.tolist() == [1, 4]


def test_a_sidecar_that_cannot_be_made_disturbs_no_row(path: Path) -> None:
    sidecar_of(path).mkdir()
    writer = MetricWriter(path)
    writer.append([sample_row(1)])
    writer.sync()
    writer.append([sample_row(2)])
    reader = ColumnReader(path.parent)
    assert reader.read()
    assert reader.split("train").step.tolist() == [1, 2]
    sidecar_of(path).rmdir()
    writer.sync()
    writer.append([sample_row(3)])
    writer.close()
    assert num_trusted(path) == 3


def test_after_a_full_disk_the_sidecar_holds_what_the_lines_hold(path: Path) -> None:
    rows = [sample_row(step) for step in range(40)]
    for room in range(0, 600, 7):
        path.unlink(missing_ok=True)
        writer = MetricWriter(path)
        writer.append(rows[:1])
        with full_disk(path.stat().st_size + room):
            for row in rows[1:5]:
                with suppress(DiskFullError):
                    writer.append([row])
        writer.append(rows[5:])
        writer.close()
        assert num_trusted(path) == len(read_metrics(path)) > 35


def test_without_room_for_a_sidecar_rows_are_written_and_it_is_tried_again(path: Path) -> None:
    with full_disk(len(HEADER) - 1):
        writer = MetricWriter(path)
    writer.append([sample_row(1), sample_row(2)])
    assert len(read_metrics(path)) == 2
    assert sidecar_of(path).stat().st_size < len(HEADER)
    writer.sync()
    writer.append([sample_row(3)])
    writer.close()
    assert num_trusted(path) == 3


def test_a_killed_writer_leaves_files_that_agree(path: Path) -> None:
    chance = random.Random(3)
    reader = ColumnReader(path.parent)
    acknowledged = -1
    for _ in range(5):
        writer = start_python(WRITER, path, acknowledged + 1)
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 300)):
            acknowledged = int(writer.stdout.readline())
        reader.read()
        assert len(reader.split("train")) > acknowledged
        rest = kill(writer).split(b"\n")[:-1]
        acknowledged = int(rest[-1]) if rest else acknowledged
        reader.read()
        assert shown(reader) == expected(path)
        assert num_trusted(path) in range(2 * acknowledged + 2, len(read_metrics(path)) + 20)
    MetricWriter(path).close()
    assert num_trusted(path) >= len(read_metrics(path))
