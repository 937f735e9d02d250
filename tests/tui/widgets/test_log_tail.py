from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.tui.text.sanitize import REPLACEMENT
from mnist_tui.tui.widgets.log_tail import TAIL_BYTES, read_tail

if TYPE_CHECKING:
    from pathlib import Path


def test_the_end_of_a_long_log_is_shown_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_text("".join(f"line {number}\n" for number in range(60_000)))
    size, lines = read_tail(path, -1)
    assert size > TAIL_BYTES
    assert all(line.startswith("line ") for line in lines)
    assert lines[-1] == "line 59999"


def test_a_log_that_did_not_grow_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_text("one\n")
    size, _ = read_tail(path, -1)
    assert read_tail(path, size) == (size, [])


def test_escape_sequences_in_a_log_are_inert(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_bytes(b"a\x1b]52;c;x\x07\tb\xff\n10 %\r100 %\n")
    _, lines = read_tail(path, -1)
    assert all(line.isprintable() for line in lines)
    assert REPLACEMENT in lines[0]
    assert lines[1] == "100 %"


def test_a_missing_log_has_no_lines(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "none", -1)[1] == []
