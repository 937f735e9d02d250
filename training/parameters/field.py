"""Fields of the parameter table: reading from text or JSON, checks, and formatting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class CustomValue(NamedTuple):
    """Values of the user's own that a field accepts besides its choices."""

    is_taken: Callable[[str], bool]
    words: str
    """Description for sentences."""
    word: str
    """Placeholder for the command line."""


@dataclass(frozen=True)
class Field:
    """One parameter: type, limits and choices."""

    name: str
    kind: type
    """str, int, float, bool or tuple (of ints)."""
    default: Any
    help: str
    advice: str
    """Usual values, in half a sentence."""
    unit: str
    limits: Mapping[str, Any]
    choices: tuple[str, ...]
    own: CustomValue | None = None
    """Accepted values besides `choices`."""

    def read(self, value: object) -> Any:
        """Return `value` (text or JSON) as this field's type.

        Raises:
            ValueError: The value is of another type or out of range; the text names what it needs.
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.default
        parsed = _READERS[self.kind](value)
        for number in parsed if isinstance(parsed, tuple) else (parsed,):
            self._check_limits(number)
        if self.kind is tuple and len(parsed) > self.limits["max_length"]:
            raise ValueError(f"at most {self.limits['max_length']} numbers")
        is_own = self.own is not None and self.own.is_taken(parsed)
        if self.choices and parsed not in self.choices and not is_own:
            besides = f", or give {self.own.words}" if self.own else ""
            raise ValueError(
                f"unknown {quoted(parsed)}; choose one of {', '.join(self.choices)}{besides}"
            )
        return parsed

    def show(self, value: object) -> str:
        """Return `value` as the user would type it; empty for None."""
        if value is None:
            return ""
        if isinstance(value, tuple | list):
            return "-".join(map(str, value))
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            short = f"{value:g}"
            return short if float(short) == value else repr(value)
        return str(value)

    def _check_limits(self, number: Any) -> None:
        for limit, is_met, words in _LIMITS:
            if limit in self.limits and not is_met(number, self.limits[limit]):
                raise ValueError(f"must be {words} {self.limits[limit]:,}, not {number:g}")


_LIMITS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    ("gt", lambda value, limit: value > limit, "greater than"),
    ("ge", lambda value, limit: value >= limit, "at least"),
    ("lt", lambda value, limit: value < limit, "less than"),
    ("le", lambda value, limit: value <= limit, "at most"),
)


def _read_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"needs a whole number, not {quoted(value)}")
    try:
        return int(str(value).strip().replace("_", ""))
    except ValueError:
        raise ValueError(f"needs a whole number, not {quoted(value)}") from None


def _read_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"needs a number, not {quoted(value)}")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"needs a number, not {quoted(value)}") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(f"needs a finite number, not {quoted(value)}")
    return number


def _read_list(value: object) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    items = value if isinstance(value, list | tuple) else str(value).split("-")
    try:
        return tuple(_read_int(item) for item in items)
    except ValueError:
        raise ValueError(f"needs whole numbers as 32-64, not {quoted(value)}") from None


def _read_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "false": False, "no": False}
    if not isinstance(value, str) or value.strip().lower() not in words:
        raise ValueError(f"needs true or false, not {quoted(value)}")
    return words[value.strip().lower()]


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"needs a word, not {quoted(value)}")
    return value.strip()


_READERS: dict[type, Any] = {
    int: _read_int,
    float: _read_float,
    bool: _read_bool,
    tuple: _read_list,
    str: _read_text,
}


def quoted(value: object) -> str:
    """Return a value for a sentence: quoted, and shortened if long."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
