from __future__ import annotations

import errno
import os
import random
import stat
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.atomic import remove_leftovers, write_all, write_atomic, write_new
from tests.storage.samples import full_disk, kill, start_python, tree

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from mnist_tui.storage.atomic import write_atomic
path = Path(sys.argv[1])
for number in range(10**9):
    write_atomic(path, b"%d" % (number % 10) * 100_000, previous=path.with_name("previous"))
    sys.stdout.buffer.write(b"%d\\n" % number)
    sys.stdout.flush()
"""


def test_the_new_content_replaces_the_old_privately_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")
    write_atomic(path, b"new")
    assert tree(tmp_path) == {"file": b"new"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_content_before_is_kept_under_the_other_name(tmp_path: Path) -> None:
    path, previous = tmp_path / "file", tmp_path / "file.1"
    for content in (b"first", b"second", b"third"):
        write_atomic(path, content, previous=previous)
    assert tree(tmp_path) == {"file": b"third", "file.1": b"second"}


def test_content_is_synced_before_it_is_put_in_place_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    synced = []
    real_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        synced.append(("folder" if is_folder else "file", path.read_bytes()))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomic(path, b"new")
    assert synced == [("file", b"old"), ("folder", b"new")]


def test_where_there_was_no_file_no_previous_one_appears(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"first", previous=tmp_path / "file.1")
    assert tree(tmp_path) == {"file": b"first"}


def test_a_full_disk_costs_neither_the_file_nor_its_previous_one(tmp_path: Path) -> None:
    path, previous = tmp_path / "file", tmp_path / "file.1"
    write_atomic(path, b"first", previous=previous)
    write_atomic(path, b"second", previous=previous)
    with full_disk(1000), pytest.raises(OSError, match="too large") as caught:
        write_atomic(path, bytes(5000), previous=previous)
    assert caught.value.errno == errno.EFBIG
    assert tree(tmp_path) == {"file": b"second", "file.1": b"first"}


def test_the_number_of_the_systems_error_survives() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError, match="No space left") as caught:
            write_all(full, b"content")
    finally:
        os.close(full)
    assert caught.value.errno == errno.ENOSPC


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(tmp_path / "taken", b"content")
    assert tree(tmp_path) == {}


def test_a_missing_folder_is_reported_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "gone" / "file", b"content")


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_new(path, b"first")
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_new_file_that_does_not_fit_is_gone_again(tmp_path: Path) -> None:
    with full_disk(1000), pytest.raises(OSError, match="too large"):
        write_new(tmp_path / "file", bytes(5000))
    assert tree(tmp_path) == {}


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".tmp-file-0123").write_bytes(b"half")
    (tmp_path / "file").write_bytes(b"whole")
    assert remove_leftovers(tmp_path) == 1
    assert tree(tmp_path) == {"file": b"whole"}


def test_a_killed_writer_leaves_the_old_content_or_the_new(tmp_path: Path) -> None:
    chance = random.Random(1)
    path = tmp_path / "file"
    for _ in range(5):
        writer = start_python(WRITER, path)
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 40)):
            acknowledged = int(writer.stdout.readline())
        acknowledged = int([b"%d" % acknowledged, *kill(writer).split()][-1])
        content = path.read_bytes()
        assert content in {b"%d" % (number % 10) * 100_000 for number in range(10)}
        assert content[:1] in {b"%d" % (acknowledged % 10), b"%d" % ((acknowledged + 1) % 10)}
        remove_leftovers(tmp_path)
        assert set(tree(tmp_path)) <= {"file", "previous"}
