"""The newest checkpoint of a session at rest, kept under a name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.checkpoints.checkpoint_manifest import read_manifest
from mnist_tui.storage.checkpoints.named_checkpoints import name_newest
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import CheckpointInfo, Position
from tests.storage.samples import flip_bit, full_disk, tree

if TYPE_CHECKING:
    from pathlib import Path

FIRST_MANIFEST = (
    b'{"file":"step-00000004.pt","num_bytes":12,"sha256":"%s",'
    b'"position":{"step":4,"validated_epochs":0,"is_tested":false},"epoch":0.5,"reason":"pause",'
    b'"is_best":false,"generation":1,"fingerprint":{"threads":1},'
    b'"created_at":"2026-01-02T03:04:05.678Z","format":1}'
)
"""What was written before checkpoints had names, without its seal."""


@pytest.fixture
def folder(tmp_path: Path) -> CheckpointFolder:
    return CheckpointFolder(tmp_path / "checkpoints")


def save(folder: CheckpointFolder, step: int, *, name: str = "") -> CheckpointInfo:
    return folder.save(
        b"content of step %d" % step,
        position=Position(step=step),
        epoch=step / 10,
        reason="periodic",
        is_best=False,
        generation=1,
        fingerprint={},
        name=name,
    )


def test_the_newest_gets_a_second_name_for_the_same_data(folder: CheckpointFolder) -> None:
    save(folder, 1)
    newest = save(folder, 2)
    info = name_newest(folder, "good")
    assert info is not None
    assert (info.name, info.reason, info.position) == ("good", "snapshot", newest.position)
    assert (folder.path / info.file).samefile(folder.path / newest.file)
    assert folder.load(info) == b"content of step 2"
    assert sorted(each.name for each in folder.manifests()) == ["", "", "good"]


def test_it_outlives_the_checkpoint_it_was_made_of(folder: CheckpointFolder) -> None:
    save(folder, 1)
    info = name_newest(folder, "good")
    assert info is not None
    for step in range(2, 6):
        save(folder, step)
        folder.prune()
    assert [each.position.step for each in folder.manifests()] == [1, 4, 5]
    assert folder.load(info) == b"content of step 1"
    assert folder.clean_leftovers() == 0


def test_a_damaged_one_is_passed_over_and_left_where_it_is(folder: CheckpointFolder) -> None:
    save(folder, 1)
    newest = save(folder, 2)
    flip_bit(folder.path / newest.file, 5)
    info = name_newest(folder, "good")
    assert info is not None
    assert info.position.step == 1
    assert (folder.path / newest.file).exists()


def test_where_no_checkpoint_is_sound_nothing_is_named(folder: CheckpointFolder) -> None:
    assert name_newest(folder, "none") is None
    assert not folder.path.exists()
    (folder.path.parent / "checkpoints").mkdir()
    (folder.path / save(folder, 1).file).write_bytes(b"cut")
    assert name_newest(folder, "none") is None


def test_without_room_nothing_is_left_of_it(folder: CheckpointFolder) -> None:
    save(folder, 1)
    before = tree(folder.path)
    with full_disk(10), pytest.raises(StorageError, match=r"cannot be saved in .*; make room"):
        name_newest(folder, "good")
    assert tree(folder.path) == before


def test_a_manifest_from_before_there_were_names_is_read(folder: CheckpointFolder) -> None:
    content = b"content of 4"
    body = FIRST_MANIFEST % hashlib.sha256(content).hexdigest().encode()
    seal = hashlib.sha256(body).hexdigest().encode()
    folder.path.mkdir()
    (folder.path / "step-00000004.pt").write_bytes(content)
    manifest = folder.path / "step-00000004.json"
    manifest.write_bytes(body[:-1] + b',"manifest_sha256":"%s"}\n' % seal)
    info = read_manifest(manifest)
    assert isinstance(info, CheckpointInfo)
    assert (info.name, info.reason) == ("", "pause")
    assert folder.load(info) == content
    named = name_newest(folder, "old but good")
    assert named is not None
    assert folder.load(named) == content
