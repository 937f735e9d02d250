"""Text from outside, without the characters that could control a terminal."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"

# Control, format (bidirectional overrides, joiners), surrogate, private and unassigned code
# points, and the separators that some terminals take for a new line.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: object, limit: int = 500) -> str:
    """Return `text` as one line of at most `limit` characters that only ever prints.

    Characters that could move the cursor, change the terminal or reorder the line become U+FFFD;
    a line that is too long ends with an ellipsis. Markup stays: show the result literally.
    """
    line = str(text)
    if len(line) > limit:
        line = line[: max(0, limit - 1)] + ELLIPSIS
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        REPLACEMENT if unicodedata.category(character) in _STEERING else character
        for character in line
    )
