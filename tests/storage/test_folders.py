from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import (
    make_session_folder,
    move_to_trash,
    read_session_copies,
    session_ids,
    trashed_ids,
    write_session_copy,
)
from tests.storage.samples import full_disk, sample_record, tree

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home


def test_the_folder_and_the_copy_in_it_are_private(home: Home) -> None:
    folder = make_session_folder(home, 7)
    write_session_copy(home, sample_record(7))
    assert folder == home.path / "7"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "session.json").stat().st_mode) == 0o600


def test_a_copy_says_everything_and_its_format(home: Home) -> None:
    make_session_folder(home, 7)
    record = sample_record(7, step=3, tags=("a",), note="ü\n")
    write_session_copy(home, record)
    assert read_session_copies(home).records == {7: record}
    assert json.loads((home.session(7) / "session.json").read_bytes())["format"] == 1


def test_folders_that_are_no_sessions_are_passed_over(home: Home) -> None:
    for name in ("tasks", "0", "007", "7x", "-1", "٣"):
        (home.path / name).mkdir()
    (home.path / "9").write_text("a file")
    make_session_folder(home, 12)
    make_session_folder(home, 3)
    assert session_ids(home) == [3, 12]


def test_damaged_and_foreign_copies_are_named_not_believed(home: Home) -> None:
    for session_id, content in ((1, b""), (2, b'{"id": 2}'), (3, b"\xff\xfe"), (4, b"[" * 100_000)):
        (make_session_folder(home, session_id) / "session.json").write_bytes(content)
    make_session_folder(home, 5)
    write_session_copy(home, sample_record(5))
    (home.session(5) / "session.json").rename(make_session_folder(home, 6) / "session.json")
    copies = read_session_copies(home)
    assert copies.records == {}
    assert [int(path.parent.name) for path in copies.unreadable] == [1, 2, 3, 4, 5, 6]


def test_a_folder_that_is_taken_is_one_sentence(home: Home) -> None:
    make_session_folder(home, 7)
    with pytest.raises(StorageError) as caught:
        make_session_folder(home, 7)
    assert str(caught.value) == (
        f"The session folder {home.path / '7'} cannot be made (File exists);"
        " make room or set the permissions of its parent, then try again."
    )


def test_a_copy_that_does_not_fit_leaves_the_one_before(home: Home) -> None:
    make_session_folder(home, 7)
    write_session_copy(home, sample_record(7))
    with full_disk(500), pytest.raises(StorageError) as caught:
        write_session_copy(home, sample_record(7, note="x" * 1000))
    assert str(caught.value) == (
        f"{home.path / '7' / 'session.json'} cannot be written (File too large);"
        " check the disk and the folder."
    )
    assert read_session_copies(home).records == {7: sample_record(7)}
    assert list(tree(home.path)) == ["7/session.json"]


def test_the_trash_keeps_everything_even_of_a_session_with_the_same_id(home: Home) -> None:
    for content in ("first", "second", "third"):
        (make_session_folder(home, 7) / "file").write_text(content)
        assert not move_to_trash(home, 7).is_relative_to(home.session(7))
    assert tree(home.path) == {
        "trash/7/file": b"first",
        "trash/7-2/file": b"second",
        "trash/7-3/file": b"third",
    }
    assert trashed_ids(home) == {7}
    assert stat.S_IMODE(home.trash.stat().st_mode) == 0o700


def test_a_folder_that_is_gone_already_still_takes_its_id(home: Home) -> None:
    assert move_to_trash(home, 7) == home.trash / "7"
    assert trashed_ids(home) == {7}


def test_a_trash_that_cannot_be_made_leaves_the_session_where_it_is(home: Home) -> None:
    make_session_folder(home, 7)
    home.trash.write_text("in the way")
    with pytest.raises(StorageError) as caught:
        move_to_trash(home, 7)
    assert str(caught.value) == (
        f"The session folder {home.path / '7'} cannot be moved to the trash (File exists);"
        f" check the permissions of {home.path}."
    )
    assert session_ids(home) == [7]
