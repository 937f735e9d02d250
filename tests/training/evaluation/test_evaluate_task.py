"""An evaluation on request takes a sound checkpoint and touches nothing else of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import CheckpointInfo, Position
from mnist_tui.training.engine.loop import train
from mnist_tui.training.engine.state_dict import SnapshotError
from mnist_tui.training.evaluation.evaluate_task import restore_valid
from tests.storage.samples import flip_bit, tree
from tests.training.worlds import CountedLease, KeepingSink, ScriptedControl, digest, small_run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sink() -> KeepingSink:
    """A whole training with a checkpoint after every batch."""
    made = KeepingSink()
    train(small_run(checkpoint_every=0), ScriptedControl(), made, CountedLease())
    return made


@pytest.fixture
def checkpoints(tmp_path: Path, sink: KeepingSink) -> CheckpointFolder:
    """The checkpoints of a session: step 2, step 4, which is the best, and step 6."""
    folder = CheckpointFolder(tmp_path / "checkpoints")
    for step in (2, 4, 6):
        saved = next(each for each in sink.saved if each.position.step == step)
        folder.save(
            saved.content,
            position=Position(step=step),
            epoch=step / 4,
            reason="periodic",
            is_best=step == 4,
            generation=1,
            fingerprint={},
        )
    return folder


def data_of(checkpoints: CheckpointFolder, info: CheckpointInfo) -> Path:
    return checkpoints.path / info.file


def test_the_newest_is_taken_or_the_best(checkpoints: CheckpointFolder) -> None:
    newest, best = small_run(), small_run()
    assert restore_valid(newest, checkpoints).position.step == 6
    assert restore_valid(best, checkpoints, is_best=True).position.step == 4
    assert digest(newest) != digest(best)


def test_damaged_ones_are_passed_over_and_left_where_they_are(
    checkpoints: CheckpointFolder,
) -> None:
    for info in checkpoints.manifests()[1:]:
        flip_bit(data_of(checkpoints, info), 5000)
    before = tree(checkpoints.path)
    assert restore_valid(small_run(), checkpoints).position.step == 2
    assert tree(checkpoints.path) == before


def test_where_none_is_sound_there_is_a_sentence(checkpoints: CheckpointFolder) -> None:
    for info in checkpoints.manifests():
        data_of(checkpoints, info).unlink()
    with pytest.raises(StorageError, match=r"no sound checkpoint in .*; let the session train"):
        restore_valid(small_run(), checkpoints)
    empty = CheckpointFolder(checkpoints.path / "none")
    with pytest.raises(StorageError, match="no sound best checkpoint"):
        restore_valid(small_run(), empty, is_best=True)


def test_a_checkpoint_of_another_network_is_refused(checkpoints: CheckpointFolder) -> None:
    with pytest.raises(SnapshotError, match="of another network"):
        restore_valid(small_run(model="lenet"), checkpoints)
