from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import (
    CommandHistory,
    HistoryEntry,
    HistoryEvent,
    HistoryWriter,
    read_entries,
    read_history,
)
from tests.storage.samples import full_disk

if TYPE_CHECKING:
    from pathlib import Path


def entry(
    number: int, event: HistoryEvent, time: str, step: int | None = None, text: str = ""
) -> HistoryEntry:
    return HistoryEntry(
        number=number, event=event, command="pause", by="cli", time=time, step=step, text=text
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


def test_the_events_of_a_command_become_one_row(path: Path) -> None:
    writer = HistoryWriter(path)
    writer.append(entry(1, "requested", "10:00"))
    writer.append(entry(2, "requested", "10:01"))
    writer.append(entry(1, "seen", "10:02", step=40))
    writer.append(entry(2, "refused", "10:03", text="it is pausing already"))
    writer.append(entry(1, "done", "10:04", step=41))
    assert read_history(path) == [
        CommandHistory(
            number=1,
            command="pause",
            by="cli",
            requested_at="10:00",
            seen_at="10:02",
            done_at="10:04",
            step=41,
        ),
        CommandHistory(
            number=2,
            command="pause",
            by="cli",
            requested_at="10:01",
            done_at="10:03",
            is_refused=True,
            result="it is pausing already",
        ),
    ]


def test_numbers_that_begin_again_do_not_mix_two_commands(path: Path) -> None:
    for time in ("10:00", "11:00"):
        HistoryWriter(path).append(entry(1, "requested", time))
        HistoryWriter(path).append(entry(1, "done", time))
    assert [row.requested_at for row in read_history(path)] == ["10:00", "11:00"]
    assert [row.done_at for row in read_history(path)] == ["10:00", "11:00"]


def test_a_change_by_itself_is_a_row_of_its_own(path: Path) -> None:
    HistoryWriter(path).append(entry(0, "changed", "10:00", step=5, text="learning_rate 0.1"))
    [row] = read_history(path)
    assert (row.requested_at, row.done_at, row.step) == (None, "10:00", 5)
    assert row.result == "learning_rate 0.1"


def test_a_receipt_without_its_request_is_shown_all_the_same(path: Path) -> None:
    HistoryWriter(path).append(entry(4, "seen", "10:00", step=5))
    assert read_history(path)[0].seen_at == "10:00"


def test_half_a_line_is_no_line_and_spoils_no_other(path: Path) -> None:
    writer = HistoryWriter(path)
    writer.append(entry(1, "requested", "10:00"))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert read_entries(path) == []
        writer.append(entry(2, "requested", "10:01"))
        assert read_entries(path)[-1] == entry(2, "requested", "10:01")
        assert len(read_entries(path)) == 1 or length == len(whole) - 1


def test_no_file_is_no_history(path: Path) -> None:
    assert read_history(path) == []


def test_a_full_disk_is_one_sentence_and_the_next_entry_is_readable(path: Path) -> None:
    writer = HistoryWriter(path)
    writer.append(entry(1, "requested", "10:00"))
    with full_disk(path.stat().st_size + 5), pytest.raises(StorageError) as caught:
        writer.append(entry(2, "requested", "10:01"))
    assert str(caught.value) == (
        f"{path} could not be written (File too large); make room on that disk."
    )
    writer.append(entry(3, "requested", "10:02"))
    assert [row.number for row in read_history(path)] == [1, 3]


def test_a_newer_format_is_refused(path: Path) -> None:
    path.write_text('{"format":2}\n{"who":"knows"}\n')
    with pytest.raises(StorageError) as caught:
        read_history(path)
    assert str(caught.value) == (
        f"{path} was written by a newer mnist-tui (format 2, this one reads up to 1);"
        " upgrade mnist-tui to use it."
    )


def test_the_first_line_says_the_format(path: Path) -> None:
    HistoryWriter(path).append(entry(1, "requested", "10:00"))
    HistoryWriter(path).append(entry(1, "done", "10:00"))
    lines = path.read_text().splitlines()
    assert lines[0] == '{"format":1}'
    assert ["format" in line for line in lines] == [True, False, False]
