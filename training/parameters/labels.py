"""Checks of names, tags and notes: labels for users, never paths or markup."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LABEL_LENGTH = 64
MAX_NOTE_LENGTH = 500
MAX_TAGS = 20
_FORBIDDEN = set("/\\[]<>")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def check_label(text: str, what: str = "name") -> str:
    """Return `text` without outer blanks, if it is valid as a label.

    Raises:
        ValueError: It is not; the text gives the reason and the next step.
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
    _require_visible(label, what)
    for position, character in enumerate(label, start=1):
        if character in _FORBIDDEN:
            raise ValueError(
                f"the {what} has {character!r} at position {position};"
                " leave out slashes, backslashes, brackets and angle brackets"
            )
    return label


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return valid tags, each once, in the given order.

    Raises:
        ValueError: One is invalid, or there are too many; the text gives the next step.
    """
    checked = tuple(dict.fromkeys(check_label(tag, "tag") for tag in tags))
    if len(checked) > MAX_TAGS:
        raise ValueError(f"there are {len(checked)} tags; use {MAX_TAGS} or fewer")
    return checked


def check_note(text: str) -> str:
    """Return `text` without outer blanks, if it is valid as a note: one line, possibly empty.

    Raises:
        ValueError: It is not; the text gives the reason and the next step.
    """
    note = text.strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise ValueError(f"the note has {len(note)} characters; use {MAX_NOTE_LENGTH} or fewer")
    _require_visible(note, "note")
    return note


def _require_visible(text: str, what: str) -> None:
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in _INVISIBLE:
            raise ValueError(
                f"the {what} has a control or invisible character at position {position};"
                " use visible characters"
            )
