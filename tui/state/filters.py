"""Filters such as `baseline state:running lr<0.01 !tag:old`, in which all words must hold.

A word is text that the name, a tag, the note, model, dataset or state holds; `field:value` (several
values separated by commas); or a comparison with `<`, `<=`, `>`, `>=`, `=`, `!=`. `!` turns a word
round. The same words select sessions on the command line.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.tui.state.session_values import (
    ACCURACIES,
    FIGURES,
    HELD,
    Value,
    reader_of,
    state_word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord

_TERM = re.compile(r"([A-Za-z][\w-]*)(<=|>=|!=|<|>|=|:)(.*)", re.DOTALL)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
STATES = (*(state.value for state in SessionState), HELD)


class FilterError(ValueError):
    """A filter with an invalid word; the text is a sentence without its full stop."""


def parse_filter(text: str) -> Callable[[SessionRecord], bool]:
    """Return a function that tests whether a session matches `text`; all match an empty one.

    Raises:
        FilterError: A field or state does not exist, or a number is missing.
    """
    tests = [_parse_word(word) for word in text.split()]
    if len(tests) == 1:
        return tests[0]
    return lambda record: all(test(record) for test in tests)


def _parse_word(word: str) -> Callable[[SessionRecord], bool]:
    if word.startswith("!") and len(word) > 1:
        test = _parse_word(word[1:])
        return lambda record: not test(record)
    term = _TERM.fullmatch(word)
    if term is None:
        needle = word.casefold()
        return lambda record: needle in _haystack(record)
    name, sign, wanted = term.groups()
    read = reader_of(name)
    if read is None:
        raise FilterError(f"no field {name!r}; fields are {', '.join(FIGURES)} and the parameters")
    if sign in _COMPARISONS:
        return _comparison(read, _COMPARISONS[sign], _number(name, sign, wanted))
    if name.lower() == "state":
        _require_states(wanted)
    is_same = _equality(name.lower(), read, [part for part in wanted.split(",") if part])
    return (lambda record: not is_same(record)) if sign == "!=" else is_same


def _haystack(record: SessionRecord) -> str:
    parameters = record.parameters
    return "\n".join(
        (
            f"#{record.id}", record.name, *record.tags, record.note, state_word(record),
            str(parameters["model"]), str(parameters["dataset"]),
        )
    ).casefold()  # fmt: skip


def _number(name: str, sign: str, text: str) -> float:
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        raise FilterError(f"{name}{sign} needs a number, such as {name}{sign}0.5") from None
    is_percent = name.lower() in ACCURACIES and (number > 1 or text.endswith("%"))
    return number / 100 if is_percent else number


def _comparison(
    read: Callable[[SessionRecord], Value],
    compare: Callable[[float, float], bool],
    limit: float,
) -> Callable[[SessionRecord], bool]:
    def test(record: SessionRecord) -> bool:
        value = read(record)
        return isinstance(value, int | float) and compare(value, limit)

    return test


def _require_states(wanted: str) -> None:
    unknown = [state for state in wanted.lower().split(",") if state and state not in STATES]
    if unknown:
        raise FilterError(f"there is no state {unknown[0]!r}; the states are {', '.join(STATES)}")


def _equality(
    name: str, read: Callable[[SessionRecord], Value], wanted: list[str]
) -> Callable[[SessionRecord], bool]:
    numbers = {number for text in wanted if (number := _as_number(text)) is not None}
    words = {text.casefold() for text in wanted}

    def test(record: SessionRecord) -> bool:
        if name == "tag":
            return any(tag.casefold() in words for tag in record.tags)
        value = read(record)
        if isinstance(value, int | float):
            return float(value) in numbers
        shown = "" if value is None else str(value).casefold()
        if name in ("name", "note"):
            return any(word in shown for word in words)
        return shown in words

    return test


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
