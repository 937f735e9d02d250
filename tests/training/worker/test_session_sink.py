"""A worker's sink puts what a model answered into the folder, and lives without room for it."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.folders import WHEREABOUTS
from mnist_tui.storage.records import Position
from mnist_tui.storage.results.evaluations import list_evaluations, read_predictions
from mnist_tui.storage.results.fixed_images import FixedImageAnswers, read_fixed_images
from mnist_tui.storage.worker_status import Activity, WorkerStatus, read_worker_status
from mnist_tui.training.executors.channel import Channel
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.worker.session_sink import SessionSink
from tests.storage.evaluation_files import small_evaluation, small_predictions
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[SessionSink]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made = SessionSink(Channel(ours), tmp_path, generation=1)
        yield made
        made.close()


def some_samples() -> FixedImageAnswers:
    made = small_predictions(num_images=24)
    return FixedImageAnswers(4, 1.0, made.probabilities, made.labels, made.images)


def test_evaluation_and_samples_lie_in_the_folder(sink: SessionSink, tmp_path: Path) -> None:
    predictions = small_predictions()
    sink.evaluation(small_evaluation(predictions), predictions)
    sink.samples(some_samples())
    [stored] = list_evaluations(tmp_path)
    assert read_predictions(tmp_path, stored).images.tolist() == predictions.images.tolist()
    found = read_fixed_images(tmp_path)
    assert found is not None
    assert found.step == 4
    assert sink.exit_message is None


def test_without_room_the_session_says_so_and_goes_on(
    sink: SessionSink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions = small_predictions()
    with full_disk(64):
        sink.samples(some_samples())
        sink.evaluation(small_evaluation(predictions), predictions)
    assert sink.exit_message is not None
    assert "The evaluation of step 1,234 cannot be stored in" in sink.exit_message
    assert sink.exit_message.endswith("`mnist-tui evaluate` scores it again.")
    assert sink.exit_message in capsys.readouterr().out
    assert list_evaluations(tmp_path) == []
    assert read_fixed_images(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_no_failure(sink: SessionSink, tmp_path: Path) -> None:
    # A file where the folder should be: even root cannot write into that.
    (tmp_path / "evaluation").write_bytes(b"")
    (tmp_path / "samples.npz").mkdir()
    predictions = small_predictions()
    sink.samples(some_samples())
    sink.evaluation(small_evaluation(predictions), predictions)
    assert sink.exit_message is not None


def test_a_kill_would_tell_that_a_checkpoint_was_being_written(
    sink: SessionSink, tmp_path: Path
) -> None:
    def save() -> None:
        sink.checkpoint(
            bytes(64_000_000),
            Position(step=5),
            epoch=1.0,
            reason="periodic",
            is_best=False,
            name="",
        )

    sink.doing(Activity.TRAINING, 5)
    saving = Thread(target=save)
    saving.start()
    seen = set()
    while saving.is_alive():
        seen.add(read_worker_status(tmp_path / WHEREABOUTS))
    during = WorkerStatus(Activity.TRAINING, 5, is_saving=True)
    assert during in seen
    assert exit_during(during).place == " while training and saving at step 5"
    assert read_worker_status(tmp_path / WHEREABOUTS) == WorkerStatus(Activity.TRAINING, 5)
    saving_itself = WorkerStatus(Activity.SAVING, 5, is_saving=True)
    assert exit_during(saving_itself).place == " while saving at step 5"


def exit_during(activity: WorkerStatus) -> Exit:
    return Exit(ExitStatus.SIGNALLED, "killed by SIGKILL", last_activity=activity)
