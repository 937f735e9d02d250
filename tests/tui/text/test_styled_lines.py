"""Styled lines: cut, padded, joined and compared in terminal cells."""

from __future__ import annotations

from mnist_tui.tui.text.styled_lines import (
    EMPTY,
    beside,
    changed_span,
    fitted,
    joined,
    line_of,
    padded,
    text_of,
    width_of,
    with_role,
)

LINE = line_of(("name ", "bold"), "日本語")


def test_a_line_is_as_wide_as_its_cells() -> None:
    assert width_of(LINE) == 11
    assert width_of(padded(LINE, 20)) == 20
    assert padded(LINE, 5) == LINE


def test_a_line_that_is_too_long_ends_with_an_ellipsis_in_the_role_it_was_cut_in() -> None:
    assert fitted(LINE, 11) == LINE
    assert fitted(LINE, 8) == (("name ", "bold"), ("日…", ""))
    assert fitted(LINE, 5) == (("name…", "bold"),)
    assert {width_of(fitted(LINE, width)) for width in (6, 7)} == {6, 7}


def test_lines_are_joined_with_a_gap_and_without_the_empty_ones() -> None:
    assert text_of([joined([line_of("a"), EMPTY, line_of(("b", "good"))], " · ")]) == "a · b"
    assert joined([]) == EMPTY


def test_blocks_stand_beside_each_other_whichever_is_higher() -> None:
    left, right = [line_of("a")], [line_of("b"), line_of("c")]
    assert text_of(beside(left, right, 3)) == "a  b\n   c"
    assert text_of(beside(right, left, 3)) == "b  a\nc"


def test_one_more_role_keeps_the_others() -> None:
    assert with_role(LINE, "chosen") == (("name ", "bold chosen"), ("日本語", "chosen"))


def test_two_lines_differ_from_the_first_changed_run_to_the_last() -> None:
    before = line_of("one ", ("two ", "good"), "three")
    assert changed_span(before, before) == (0, 0)
    assert changed_span(before, line_of("one ", ("TWO ", "good"), "three")) == (4, 4)
    assert changed_span(before, line_of("one ", ("two ", "bad"), "THREE")) == (4, 9)
    assert changed_span(before, line_of("one two")) == (0, 13)
