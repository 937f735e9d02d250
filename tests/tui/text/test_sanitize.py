from __future__ import annotations

import unicodedata

import pytest

from mnist_tui.tui.text.sanitize import REPLACEMENT, printable
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    shown = printable(text)
    assert REPLACEMENT in shown
    assert len(shown) == len(text)
    assert not any(unicodedata.category(character).startswith(("C", "Z"))
                   for character in shown if character != " ")  # fmt: skip
    shown.encode()


@pytest.mark.parametrize("text", [*MARKUP_TEXTS, "naïve 数字 ▶ 10 %", "a b"])
def test_ordinary_text_and_markup_are_left_as_they_are(text: str) -> None:
    assert printable(text) == text


def test_long_text_ends_with_an_ellipsis_at_the_limit() -> None:
    assert printable("x" * 100, 10) == "x" * 9 + "…"
    assert printable("x" * 10, 10) == "x" * 10


def test_an_exception_is_shown_by_its_text() -> None:
    assert printable(ValueError("bad \x1b[31m")) == f"bad {REPLACEMENT}[31m"
