"""The profile in a session's folder: replaced as a whole, refused in a sentence when it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mnist_tui.storage.errors import DiskFullError, StorageError
from mnist_tui.storage.folders import PROFILE, PROFILE_TRACE
from mnist_tui.storage.results.profiles import read_profile, read_trace, write_profile
from tests.storage.profile_files import small_profile
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_is_read_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    assert (read_profile(tmp_path), read_trace(tmp_path)) == (None, None)
    first = small_profile()
    write_profile(tmp_path, first, b"{}")
    assert (read_profile(tmp_path), read_trace(tmp_path)) == (first, b"{}")
    second = replace(first, step=99, has_trace=False)
    write_profile(tmp_path, second, None)
    assert (read_profile(tmp_path), read_trace(tmp_path)) == (second, None)


def test_a_profile_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    write_profile(tmp_path, replace(small_profile(), format=2), None)
    with pytest.raises(StorageError, match="written by a newer mnist-tui"):
        read_profile(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "step"'])
def test_a_damaged_profile_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PROFILE).write_bytes(content)
    with pytest.raises(StorageError, match=r"is damaged; profile the session again\.$"):
        read_profile(tmp_path)


def test_without_room_it_says_so(tmp_path: Path) -> None:
    with full_disk(64), pytest.raises(DiskFullError, match="profile cannot be stored in"):
        write_profile(tmp_path, small_profile(), None)
    assert read_profile(tmp_path) is None


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / PROFILE).mkdir()
    (tmp_path / PROFILE_TRACE).mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        read_profile(tmp_path)
    with pytest.raises(StorageError, match="cannot be read"):
        read_trace(tmp_path)
