from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import HistoryEntry, HistoryWriter
from mnist_tui.storage.metrics.metric_log import MetricWriter
from mnist_tui.storage.records import MetricRow
from mnist_tui.storage.results.session_files import SessionFiles

if TYPE_CHECKING:
    from pathlib import Path

TIME = "2026-03-01T12:00:00.000Z"


def row(step: int) -> MetricRow:
    return MetricRow(
        step=step, epoch=0.1, split="train", loss=1.0, accuracy=0.5, mse=None,
        learning_rate=0.1, time=TIME,
    )  # fmt: skip


def measure(folder: Path, step: int) -> None:
    writer = MetricWriter(folder / "metrics.jsonl")
    writer.append([row(step)])
    writer.close()


def test_there_is_news_the_first_time_and_where_a_file_has_grown(tmp_path: Path) -> None:
    files = SessionFiles(tmp_path)
    assert files.read()
    assert not files.read()
    measure(tmp_path, 1)
    assert files.read()
    HistoryWriter(tmp_path / "history.jsonl").append(HistoryEntry(event="changed", time=TIME))
    assert files.read()
    assert [entry.event for entry in files.entries] == ["changed"]
    assert not files.read()


def test_what_could_not_be_read_is_tried_again_and_what_was_read_before_is_told_then(
    tmp_path: Path,
) -> None:
    files = SessionFiles(tmp_path)
    files.read()
    measure(tmp_path, 1)
    history = tmp_path / "history.jsonl"
    history.write_text('{"format":99}\n')
    for _ in range(2):
        with pytest.raises(StorageError, match="newer"):
            files.read()
    history.unlink()
    assert files.read()
    assert len(files.columns.split("train")) == 1
