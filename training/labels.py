"""Which names, tags and notes are accepted: labels for people, never paths or markup."""

from __future__ import annotations

import unicodedata

MAX_LABEL_LENGTH = 64
_FORBIDDEN = set("/\\[]<>")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_label(text: str, what: str = "name") -> str:
    """Return `text` without outer blanks, if it is fit for a label.

    Raises:
        ValueError: It is not; the text says why and what to do.
    """
    label = text.strip()
    if not label:
        raise ValueError(f"the {what} is empty; give at least one letter")
    if len(label) > MAX_LABEL_LENGTH:
        raise ValueError(f"the {what} has {len(label)} characters; use {MAX_LABEL_LENGTH} or fewer")
    if label.isdigit():
        raise ValueError(f"the {what} is all digits like a session ID; add a letter")
    if label.startswith(("-", ".")):
        raise ValueError(f"the {what} begins with {label[0]!r}; begin with a letter or digit")
    for position, character in enumerate(label, start=1):
        if unicodedata.category(character) in _INVISIBLE:
            raise ValueError(
                f"the {what} has a control or invisible character at position {position};"
                " use visible characters"
            )
        if character in _FORBIDDEN:
            raise ValueError(
                f"the {what} has {character!r} at position {position};"
                " leave out slashes, backslashes, brackets and angle brackets"
            )
    return label
