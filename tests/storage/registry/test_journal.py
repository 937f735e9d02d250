from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.registry.journal import Journal, frame, replay, unframe
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from pathlib import Path

PAYLOADS = [b'{"a":%d}' % number for number in range(5)]
CONTENT = b"".join(map(frame, PAYLOADS))


def test_a_framed_document_comes_back() -> None:
    assert unframe(frame(b'{"a":1}').removesuffix(b"\n")) == b'{"a":1}'


def test_a_document_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="one line"):
        frame(b"{\n}")


def test_a_journal_cut_at_any_byte_gives_exactly_its_whole_lines() -> None:
    for length in range(len(CONTENT) + 1):
        found = replay(CONTENT[:length])
        num_whole = CONTENT[:length].count(b"\n")
        assert found.payloads == PAYLOADS[:num_whole]
        assert found.num_bytes == len(b"".join(map(frame, PAYLOADS[:num_whole])))
        assert found.num_damaged == 0


def test_no_flipped_bit_is_ever_taken_for_a_document() -> None:
    for bit in range(8 * len(CONTENT)):
        damaged = bytearray(CONTENT)
        damaged[bit // 8] ^= 1 << bit % 8
        found = replay(bytes(damaged))
        assert set(found.payloads) < set(PAYLOADS)
        assert len(found.payloads) >= len(PAYLOADS) - 2
        is_last_line_break = bit // 8 == len(CONTENT) - 1
        assert found.num_damaged > 0 or is_last_line_break


def test_garbage_and_nothing_hold_no_documents() -> None:
    assert replay(b"").payloads == []
    assert replay(bytes(1000)).payloads == []
    assert replay(b"\n\n\xff\xfe\n00000000 \n").num_damaged == 3


def test_appended_documents_are_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for payload in PAYLOADS:
        journal = Journal(path)
        journal.append(payload)
        journal.close()
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_line_is_cut_off_so_that_the_next_one_is_readable(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for length in range(len(CONTENT)):
        path.write_bytes(CONTENT[:length])
        journal = Journal(path)
        journal.append(b'{"next":1}')
        journal.close()
        found = replay(path.read_bytes())
        assert found.payloads == [*PAYLOADS[: CONTENT[:length].count(b"\n")], b'{"next":1}']
        assert found.num_damaged == 0


def test_what_a_full_disk_took_half_of_is_cut_back(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.append(PAYLOADS[0])
    with full_disk(journal.num_bytes + 7), pytest.raises(OSError, match="too large") as caught:
        journal.append(PAYLOADS[1])
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == frame(PAYLOADS[0])
    assert not journal.is_broken
    journal.append(PAYLOADS[2])
    journal.close()
    assert replay(path.read_bytes()).payloads == [PAYLOADS[0], PAYLOADS[2]]


def test_after_a_reset_the_journal_is_empty_and_usable(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.append(PAYLOADS[0])
    journal.reset()
    assert path.read_bytes() == b""
    journal.append(PAYLOADS[1])
    journal.close()
    assert replay(path.read_bytes()).payloads == [PAYLOADS[1]]


def test_a_reset_that_fails_leaves_a_journal_that_refuses_to_be_appended_to(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    journal = Journal(folder / "journal")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        journal.reset()
    assert journal.is_broken
    with pytest.raises(AssertionError):
        journal.append(PAYLOADS[0])
    (tmp_path / "elsewhere").rename(folder)
    journal.reset()
    journal.append(PAYLOADS[0])
    journal.close()
    assert replay((folder / "journal").read_bytes()).payloads == [PAYLOADS[0]]
