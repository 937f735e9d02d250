"""ASCII for every character, in as many columns, with the differences that matter."""

from __future__ import annotations

import io
import sys

import pytest
from rich.cells import cell_len

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.charts.chart_marks import BEST, CURVE_MARKERS, SLOT_MARKERS
from mnist_tui.tui.terminal import ascii_output
from mnist_tui.tui.terminal.ascii_output import asked_for, is_needed, is_wanted, to_ascii
from mnist_tui.tui.text import formatting

ASSIGNED = [chr(code) for code in range(0x80, 0x3000) if chr(code).isprintable()]
DRAWN = [chr(c) for c in (*range(0xA1, 0x180), *range(0x2190, 0x2200), *range(0x2500, 0x2600))]
DRAWN += [chr(c) for c in range(0x2800, 0x2900)]
OTHERS = ["日", "한", "🙂", "\U0010ffff", "\ud800", "\N{REPLACEMENT CHARACTER}"]
COMBINING = "e\N{COMBINING ACUTE ACCENT}"


def test_every_character_becomes_ascii_of_its_own_width() -> None:
    for character in ASSIGNED + OTHERS:
        written = to_ascii(character)
        assert all(" " <= mark <= "~" for mark in written), character
    for character in DRAWN:
        if character.isprintable():
            assert len(to_ascii(character)) == cell_len(character), character
    assert to_ascii("日") == "??"
    assert to_ascii(COMBINING) == "e"
    assert to_ascii("père ½ naïve") == "pere ? naive"


def test_states_stay_apart() -> None:
    glyphs = {formatting.STATE_LOOKS[state].glyph for state in SessionState} | {"○"}
    assert len({to_ascii(glyph) for glyph in glyphs}) == len(glyphs)


def test_bars_stay_readable() -> None:
    assert to_ascii(formatting.bar(0.58, 10)) == "#####>...."
    assert to_ascii("▁▂▃▄▅▆▇█") == "_.-=+*%#"


def test_curves_stay_apart_from_each_other_and_from_their_lines() -> None:
    lines = set(to_ascii("".join(map(chr, range(0x2801, 0x2900)))))
    assert lines == set("'.:#")
    assert to_ascii("⠉⣀⡇⠿⠀") == "'.:# "
    for markers in (SLOT_MARKERS, [*CURVE_MARKERS.values(), BEST]):
        assert len({to_ascii(mark) for mark in markers} - lines) == len(markers)


def test_escape_sequences_pass_untouched() -> None:
    drawn = "\x1b[38;2;1;2;3m█\x1b[0m\r\n\x07"
    assert to_ascii(drawn) == drawn.replace("█", "#")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LANG": "ja_JP.eucJP"}, True),
    ],
)
def test_the_locale_says_what_the_terminal_takes(
    environment: dict[str, str], expected: bool
) -> None:
    assert is_needed(environment) is expected


def test_what_is_asked_for_comes_before_the_locale() -> None:
    assert asked_for({}) is None
    assert is_wanted({"MNIST_TUI_ASCII": "1"})
    assert not is_wanted({"MNIST_TUI_ASCII": "0", "LC_ALL": "C"})


def test_a_stream_that_is_served_carries_ascii_until_it_is_released() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    ascii_output.serve(stream)
    stream.write("✓ finished … 日\n")
    stream.flush()
    assert raw.getvalue() == b"v finished ~ ??\n"
    ascii_output.release(stream)
    stream.write("✓")
    stream.flush()
    assert raw.getvalue().endswith("✓".encode())
    assert sys.stdout.encoding != ascii_output.ENCODING
