"""Canvas of characters, and lines as characters of two by four dots."""

from __future__ import annotations

import random

from mnist_tui.tui.charts.canvas import Canvas, line_cells


def dots_of(x: list[float], y: list[float], size: tuple[int, int]) -> set[tuple[int, int]]:
    """Return the dots, counted from the lower left, of the characters of a line."""
    # Unicode numbers the dots of a character downwards, with the lowest pair last.
    places = ((0, 3), (0, 2), (0, 1), (1, 3), (1, 2), (1, 1), (0, 0), (1, 0))
    cells = line_cells(x, y, (0.0, 1.0), size)
    return {
        (2 * column + across, 4 * row + up)
        for column, row, character in zip(*cells, strict=True)
        for bit, (across, up) in enumerate(places)
        if ord(character) - 0x2800 >> bit & 1
    }


def test_a_point_is_one_dot() -> None:
    assert line_cells([0.0], [0.0], (0.0, 1.0), (3, 2)) == ([0], [0], ["⡀"])
    assert line_cells([1.0], [1.0], (0.0, 1.0), (3, 2)) == ([2], [1], ["⠈"])


def test_a_diagonal_is_one_dot_in_each_column() -> None:
    assert dots_of([0.0, 1.0], [0.0, 1.0], (4, 2)) == {(dot, dot) for dot in range(8)}
    assert dots_of([0.0, 1.0], [1.0, 0.0], (4, 2)) == {(dot, 7 - dot) for dot in range(8)}


def test_lines_have_no_holes() -> None:
    chance = random.Random(0)
    for _ in range(50):
        x = sorted(chance.random() for _ in range(12))
        dots = dots_of(x, [chance.random() for _ in x], (20, 9))
        for across, up in dots:
            near = {(across + dx, up + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
            assert len(near & dots) > 1, (across, up)


def test_what_lies_outside_is_cut_off_and_led_to() -> None:
    dots = dots_of([0.0, 0.5, 1.0], [0.0, 2.0, 0.0], (10, 5))
    assert dots
    assert all(0 <= across < 20 and 0 <= up < 20 for across, up in dots)
    assert {across for across, up in dots if up == 19} == {5, 14}
    assert not {across for across, _ in dots} & {8, 9, 10, 11}


def test_no_points_fill_nothing() -> None:
    assert line_cells([], [], (0.0, 1.0), (10, 5)) == ([], [], [])


def test_text_beyond_the_edge_is_cut_off_and_only_blanks_are_filled_if_wished() -> None:
    canvas = Canvas([["a", "b", " "]], [["x", "x", "y"]])
    canvas.put(0, 1, "1234", "z", over=False)
    canvas.put(5, 0, "q", "z")
    canvas.put(0, -1, "qA", "z")
    assert canvas.lines() == [(("A", "z"), ("b", "x"), ("2", "z"))]
    assert Canvas.of_lines(canvas.lines()).lines() == canvas.lines()
