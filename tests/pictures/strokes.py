"""Characters that only line up when they are drawn: braille, bars and the lines of boxes.

No two fonts agree on where these end, and many have none, so that curves would fall apart.
"""

from __future__ import annotations

WIDTH, HEIGHT = 8, 16
"""Of a cell, in pixels."""

_BRAILLE = range(0x2800, 0x2900)
_DOTS = ((2, 2), (2, 6), (2, 10), (6, 2), (6, 6), (6, 10), (2, 14), (6, 14))
"""The middle of the dot of each bit of a braille character."""

_ARMS = {
    "─": "lr", "━": "lr", "│": "ud", "┃": "ud", "┌": "rd", "╭": "rd", "┐": "ld", "╮": "ld",
    "└": "ru", "╰": "ru", "┘": "lu", "╯": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru",
    "┼": "lrud", "╴": "l", "╶": "r", "╵": "u", "╷": "d", "╸": "l", "╺": "r",
}  # fmt: skip
"""Where the lines of a character of boxes go from its middle: left, right, up, down."""
_ENDS = {
    "l": (0, HEIGHT // 2),
    "r": (WIDTH, HEIGHT // 2),
    "u": (WIDTH // 2, 0),
    "d": (WIDTH // 2, HEIGHT),
}


def dots(text: str, x: int, y: int) -> str:
    """Return the dots of a braille character as moves of a path with round ends; "" for others."""
    if len(text) != 1 or ord(text) not in _BRAILLE:
        return ""
    bits = ord(text) - _BRAILLE.start
    return "".join(
        f"M{x + dot_x} {y + dot_y}h0"
        for place, (dot_x, dot_y) in enumerate(_DOTS)
        if bits >> place & 1
    )


def lines(text: str, x: int, y: int) -> str:
    """Return the lines of a character of boxes as moves of a path; "" for others."""
    middle = f"{x + WIDTH // 2} {y + HEIGHT // 2}"
    ends = (_ENDS[arm] for arm in _ARMS.get(text, ""))
    return "".join(f"M{middle}L{x + end_x} {y + end_y}" for end_x, end_y in ends)


def block(text: str) -> tuple[float, float, float, float] | None:
    """Return x, y, width and height of a block character within its cell; None for others."""
    if len(text) != 1:
        return None
    if text == "▀":
        return 0, 0, WIDTH, HEIGHT / 2
    if text == "▐":
        return WIDTH / 2, 0, WIDTH / 2, HEIGHT
    if "▁" <= text <= "█":
        height = HEIGHT * (ord(text) - ord("▁") + 1) / 8
        return 0, HEIGHT - height, WIDTH, height
    if "▉" <= text <= "▏":
        return 0, 0, WIDTH * (ord("▏") - ord(text) + 1) / 8, HEIGHT
    return None


def is_drawn(text: str) -> bool:
    """Return whether a character is drawn rather than written."""
    return bool(dots(text, 0, 0) or lines(text, 0, 0) or block(text))
