from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.worker_status import (
    Activity,
    WorkerStatus,
    WorkerStatusWriter,
    read_worker_status,
)
from tests.storage.samples import kill, start_python

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from mnist_tui.storage.worker_status import Activity, WorkerStatusWriter
writer = WorkerStatusWriter(Path(sys.argv[1]))
writer.begin_save()
writer.write(Activity.SAVING, 812)
print("written", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("activity", Activity)
def test_what_is_written_is_read_at_once(tmp_path: Path, activity: Activity) -> None:
    writer = WorkerStatusWriter(tmp_path / "whereabouts")
    assert read_worker_status(tmp_path / "whereabouts") == WorkerStatus(Activity.LOADING, 0)
    writer.write(activity, 2**40)
    assert read_worker_status(tmp_path / "whereabouts") == WorkerStatus(activity, 2**40)
    writer.begin_save()
    writer.write(activity, 3)
    assert read_worker_status(tmp_path / "whereabouts") == WorkerStatus(activity, 3, is_saving=True)
    writer.end_save()
    assert read_worker_status(tmp_path / "whereabouts") == WorkerStatus(activity, 3)
    writer.close()


def test_it_outlives_a_kill(tmp_path: Path) -> None:
    process = start_python(WRITER, tmp_path / "whereabouts")
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    kill(process)
    assert read_worker_status(tmp_path / "whereabouts") == WorkerStatus(
        Activity.SAVING, 812, is_saving=True
    )


@pytest.mark.parametrize("content", [b"", b"x" * 24, b"MNTUIWH1" + b"\xff" * 16, b"MNTUIWH1"])
def test_a_file_that_is_none_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "whereabouts").write_bytes(content)
    assert read_worker_status(tmp_path / "whereabouts") is None
    assert read_worker_status(tmp_path / "missing") is None


def test_the_file_is_private(tmp_path: Path) -> None:
    WorkerStatusWriter(tmp_path / "whereabouts").close()
    assert os.stat(tmp_path / "whereabouts").st_mode & 0o777 == 0o600  # noqa: PTH116


def test_where_the_file_cannot_be_made_the_worker_goes_on(tmp_path: Path) -> None:
    writer = WorkerStatusWriter(tmp_path / "missing" / "whereabouts")
    writer.write(Activity.TRAINING, 1)
    writer.close()
    assert read_worker_status(tmp_path / "missing" / "whereabouts") is None
