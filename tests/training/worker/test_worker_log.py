from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import CheckpointInfo, MetricRow, Position
from mnist_tui.training.worker.session_sink import WorkerLog

if TYPE_CHECKING:
    import pytest


def row(split: str, epoch: float, loss: float | None, accuracy: float | None) -> MetricRow:
    return MetricRow(
        step=100, epoch=epoch, split=split, loss=loss, accuracy=accuracy, mse=None,
        learning_rate=0.1, time="2026-01-01T00:00:00.000Z",
    )  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what was written, without the times."""
    return [line.partition("  ")[2] for line in capsys.readouterr().out.splitlines()]


def test_an_epoch_is_one_line_and_a_batch_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    log = WorkerLog()
    log.rows([row("train", 0.5, 0.9, 0.5)])
    assert lines(capsys) == []
    log.rows([row("train", 1.0, 0.25, 0.9), row("val", 1.0, 0.5, 0.875)])
    assert lines(capsys) == [
        "epoch 1: train loss 0.2500, accuracy 90.00 %, validation loss 0.5000, accuracy 87.50 %"
    ]


def test_without_validation_an_epoch_is_told_when_the_next_rows_come(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = WorkerLog()
    log.rows([row("train", 1.0, 0.25, 0.9)])
    log.rows([row("train", 1.5, 0.2, 0.9)])
    assert lines(capsys) == ["epoch 1: train loss 0.2500, accuracy 90.00 %"]
    log.rows([row("train", 2.0, 0.1, 0.95)])
    log.rows([row("test", 2.0, 0.3, 0.9)])
    assert [line[:7] for line in lines(capsys)] == ["epoch 2", "test lo"]


def test_the_test_says_whose_weights_it_scored(capsys: pytest.CaptureFixture[str]) -> None:
    WorkerLog().rows([row("test", 3.0, None, None)])
    assert lines(capsys) == ["test without figures with the weights of step 100"]


def test_the_log_calls_no_model_perfect_that_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    WorkerLog().rows([row("test", 3.0, 0.01, 0.99996)])
    assert "accuracy 99.99 %" in lines(capsys)[0]


def test_a_named_checkpoint_tells_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    info = CheckpointInfo(
        file="step-00000100.pt", num_bytes=2_500_000, sha256="", position=Position(step=100),
        epoch=1.0, reason="snapshot", is_best=True, generation=1, fingerprint={},
        created_at="2026-01-01T00:00:00.000Z", name="before lunch",
    )  # fmt: skip
    WorkerLog().checkpoint(info)
    assert lines(capsys) == [
        "checkpoint before lunch of step 100 (snapshot, the best so far): step-00000100.pt, 2.5 MB"
    ]
