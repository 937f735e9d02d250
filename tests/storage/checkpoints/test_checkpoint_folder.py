from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import CheckpointDamagedError, StorageError
from mnist_tui.storage.records import CheckpointInfo, Position
from tests.storage.samples import flip_bit, full_disk, tree

if TYPE_CHECKING:
    from pathlib import Path


def save(
    folder: CheckpointFolder,
    step: int,
    *,
    validated_epochs: int = 0,
    is_tested: bool = False,
    is_best: bool = False,
    generation: int = 1,
    content: bytes | None = None,
) -> CheckpointInfo:
    return folder.save(
        b"content of %d" % step if content is None else content,
        position=Position(step=step, validated_epochs=validated_epochs, is_tested=is_tested),
        epoch=step / 100,
        reason="periodic",
        is_best=is_best,
        generation=generation,
        fingerprint={"torch": "2.10", "threads": 2},
    )


@pytest.fixture
def folder(tmp_path: Path) -> CheckpointFolder:
    return CheckpointFolder(tmp_path / "checkpoints")


def loaded_step(folder: CheckpointFolder) -> int:
    loaded = folder.newest_valid()
    assert loaded is not None
    return loaded.info.position.step


def test_what_was_saved_comes_back_with_its_manifest(folder: CheckpointFolder) -> None:
    save(folder, 1)
    info = save(folder, 1234, is_best=True)
    loaded = folder.newest_valid()
    assert loaded is not None
    assert (loaded.info, loaded.content, loaded.notices) == (info, b"content of 1234", [])
    assert folder.load(info) == b"content of 1234"
    assert info.fingerprint == {"torch": "2.10", "threads": 2}


def test_files_are_named_by_their_step_and_private(folder: CheckpointFolder) -> None:
    save(folder, 1234)
    assert sorted(tree(folder.path)) == ["step-00001234.json", "step-00001234.pt"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    manifest = json.loads((folder.path / "step-00001234.json").read_bytes())
    assert manifest["format"] == 1
    assert manifest["num_bytes"] == len(b"content of 1234")


def test_where_nothing_was_saved_there_is_nothing(folder: CheckpointFolder) -> None:
    assert folder.newest_valid() is None
    assert folder.manifests() == []
    assert folder.best() is None
    assert folder.prune() == []
    assert folder.clean_leftovers() == 0
    assert not folder.path.exists()


def test_the_same_step_saved_again_touches_nothing_before_it(folder: CheckpointFolder) -> None:
    infos = [
        save(folder, 10, content=b"first"),
        save(folder, 10, content=b"validated", validated_epochs=1),
        save(folder, 10, content=b"tested", validated_epochs=1, is_tested=True),
        save(folder, 10, content=b"other worker", generation=2),
    ]
    assert len({info.file for info in infos}) == 4
    assert [folder.load(info) for info in infos] == [
        b"first",
        b"validated",
        b"tested",
        b"other worker",
    ]
    loaded = folder.newest_valid()
    assert loaded is not None
    assert loaded.content == b"tested"


def test_newest_is_what_came_furthest_not_what_is_called_last(folder: CheckpointFolder) -> None:
    for step in (100_000_000, 99_999_999, 5):
        save(folder, step)
    assert [info.position.step for info in folder.manifests()] == [5, 99_999_999, 100_000_000]
    assert loaded_step(folder) == 100_000_000


def test_the_best_is_the_newest_that_was_best(folder: CheckpointFolder) -> None:
    for step in (1, 2, 3, 4):
        save(folder, step, is_best=step in (1, 3))
    best = folder.best()
    assert best is not None
    assert best.position.step == 3


def test_a_damaged_checkpoint_is_kept_aside_and_the_older_one_used(
    folder: CheckpointFolder,
) -> None:
    save(folder, 800)
    save(folder, 900)
    flip_bit(folder.path / "step-00000900.pt", 5)
    loaded = folder.newest_valid()
    assert loaded is not None
    assert loaded.content == b"content of 800"
    assert loaded.notices == [
        "The checkpoint step-00000900.pt is damaged (its checksum does not match);"
        f" it was moved to {folder.path / 'damaged'}.",
        "The one of step 800 is used instead.",
    ]
    assert sorted(tree(folder.path / "damaged")) == ["step-00000900.json", "step-00000900.pt"]
    assert [info.position.step for info in folder.manifests()] == [800]
    save(folder, 900)
    flip_bit(folder.path / "step-00000900.pt", 9)
    assert loaded_step(folder) == 800
    assert len(tree(folder.path / "damaged")) == 4


def test_a_cut_checkpoint_is_told_by_its_size(folder: CheckpointFolder) -> None:
    save(folder, 1)
    save(folder, 2)
    (folder.path / "step-00000002.pt").write_bytes(b"conte")
    loaded = folder.newest_valid()
    assert loaded is not None
    assert "(it has 5 bytes, not 12)" in loaded.notices[0]


def test_missing_data_is_told(folder: CheckpointFolder) -> None:
    save(folder, 1)
    save(folder, 2)
    (folder.path / "step-00000002.pt").unlink()
    loaded = folder.newest_valid()
    assert loaded is not None
    assert "(its data is missing)" in loaded.notices[0]
    assert loaded.info.position.step == 1


def test_a_manifest_beside_other_data_is_told(folder: CheckpointFolder) -> None:
    save(folder, 1)
    save(folder, 2)
    (folder.path / "step-00000002.json").rename(folder.path / "step-00000003.json")
    (folder.path / "step-00000002.pt").rename(folder.path / "step-00000003.pt")
    loaded = folder.newest_valid()
    assert loaded is not None
    assert "(its manifest belongs to step-00000002.pt)" in loaded.notices[0]
    assert loaded.info.position.step == 1


def test_when_all_are_damaged_it_is_an_error_and_not_a_silent_new_beginning(
    folder: CheckpointFolder,
) -> None:
    for step in (1, 2):
        save(folder, step)
        flip_bit(folder.path / f"step-{step:08d}.pt", 1)
    with pytest.raises(CheckpointDamagedError) as caught:
        folder.newest_valid()
    assert str(caught.value) == (
        f"All checkpoints in {folder.path} are damaged; they are kept in its folder damaged,"
        " and to resume once more begins again at step 0."
    )
    assert len(tree(folder.path / "damaged")) == 4
    assert folder.newest_valid() is None


def test_more_bytes_than_the_limit_are_neither_saved_nor_read(tmp_path: Path) -> None:
    small = CheckpointFolder(tmp_path / "checkpoints", max_bytes=100)
    save(small, 1)
    with pytest.raises(StorageError) as caught:
        save(small, 2, content=bytes(101))
    assert str(caught.value) == (
        "The checkpoint of step 2 has 101 bytes, more than the limit of 100; train a smaller model."
    )
    save(CheckpointFolder(small.path), 3, content=bytes(101))
    loaded = small.newest_valid()
    assert loaded is not None
    assert "(it has more than 100 bytes)" in loaded.notices[0]
    assert loaded.info.position.step == 1


def test_a_newer_format_is_refused_and_not_set_aside(folder: CheckpointFolder) -> None:
    import msgspec

    from mnist_tui.storage.checkpoints.checkpoint_manifest import write_manifest

    info = save(folder, 1)
    newer = msgspec.structs.replace(info, format=2)
    manifest = folder.path / "step-00000001.json"
    manifest.write_bytes(write_manifest(newer))
    before = tree(folder.path)
    for act in (folder.newest_valid, folder.manifests, folder.prune):
        with pytest.raises(StorageError) as caught:
            act()
        assert str(caught.value) == (
            f"{manifest} was written by a newer mnist-tui (format 2, this one reads up to 1);"
            " upgrade mnist-tui to use it."
        )
    assert tree(folder.path) == before


@pytest.mark.parametrize("room", [0, 5, 20, 300])
def test_a_full_disk_costs_no_earlier_checkpoint_and_is_one_sentence(
    folder: CheckpointFolder, room: int
) -> None:
    save(folder, 1)
    before = tree(folder.path)
    content = bytes(10_000) if room == 300 else b"x" * 30
    with full_disk(room), pytest.raises(StorageError) as caught:
        save(folder, 2, content=content)
    assert str(caught.value) == (
        f"The checkpoint of step 2 cannot be saved in {folder.path} (File too large);"
        " make room or check that the folder is there and yours, then try again."
    )
    assert tree(folder.path) == before
    assert loaded_step(folder) == 1


def test_a_manifest_that_does_not_fit_takes_its_data_back(folder: CheckpointFolder) -> None:
    save(folder, 1)
    before = tree(folder.path)
    with full_disk(100), pytest.raises(StorageError, match="step 2"):
        save(folder, 2)
    assert tree(folder.path) == before


def test_a_session_folder_that_was_removed_is_not_made_again(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "7" / "checkpoints")
    with pytest.raises(StorageError) as caught:
        save(folder, 1)
    assert str(caught.value) == (
        f"The checkpoint of step 1 cannot be saved in {folder.path} (No such file or directory);"
        " make room or check that the folder is there and yours, then try again."
    )
    assert list(tmp_path.iterdir()) == []


def test_pruning_keeps_the_two_newest_and_the_best(folder: CheckpointFolder) -> None:
    for step in range(1, 7):
        save(folder, step, is_best=step in (1, 2))
    assert [info.position.step for info in folder.prune()] == [1, 3, 4]
    assert sorted(tree(folder.path)) == [
        f"step-{step:08d}{suffix}" for step in (2, 5, 6) for suffix in (".json", ".pt")
    ]
    assert folder.prune() == []


def test_a_cut_checkpoint_does_not_push_a_sound_one_out(folder: CheckpointFolder) -> None:
    for step in (1, 2, 3):
        save(folder, step)
    (folder.path / "step-00000003.pt").write_bytes(b"cut")
    assert folder.prune() == []
    assert loaded_step(folder) == 2


def test_what_an_interrupted_deletion_left_goes_at_the_next_pruning(
    folder: CheckpointFolder,
) -> None:
    for step in (1, 2, 3):
        save(folder, step)
    (folder.path / "step-00000001.json").unlink()
    assert folder.prune() == []
    assert sorted(tree(folder.path)) == [
        f"step-{step:08d}{suffix}" for step in (2, 3) for suffix in (".json", ".pt")
    ]


def test_leftovers_of_a_killed_save_are_removed_and_nothing_else(folder: CheckpointFolder) -> None:
    save(folder, 1)
    before = tree(folder.path)
    (folder.path / "step-00000002.pt").write_bytes(b"half")
    (folder.path / ".tmp-step-00000002.json-abc").write_bytes(b"half")
    (folder.path / "notes.pt").write_bytes(b"mine")
    assert folder.newest_valid() is not None
    assert folder.clean_leftovers() == 2
    assert tree(folder.path) == before | {"notes.pt": b"mine"}


def test_a_half_saved_step_can_be_saved_again(folder: CheckpointFolder) -> None:
    folder.path.mkdir()
    (folder.path / "step-00000002.pt").write_bytes(b"half")
    info = save(folder, 2)
    assert folder.load(info) == b"content of 2"
