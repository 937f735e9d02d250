"""Sort order of sessions: pinned ones first, then by one value, absent values last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from mnist_tui.tui.state.session_values import reader_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.session_values import Value

GREATEST_FIRST = frozenset(
    {
        "id",
        "acc",
        "val",
        "best",
        "test",
        "auroc",
        "rate",
        "epoch",
        "step",
        "progress",
        "created",
        "started",
    }
)
"""Values sorted in descending order; all others in ascending order."""


class Sort(Struct, frozen=True):
    """Value and direction of the sort."""

    name: str = "id"
    """A figure or parameter that `session_values` knows."""
    is_reversed: bool = False
    """True if the default direction of the value is reversed."""

    @property
    def is_descending(self) -> bool:
        """True if the greatest value comes first."""
        return (self.name in GREATEST_FIRST) is not self.is_reversed


def sort_key(record: SessionRecord, sort: Sort) -> tuple[bool, Value]:
    """Return the sort key of a session, which moves only if this changes."""
    if sort.name == "id":
        return _PINNED if record.is_pinned else _LOOSE
    read = reader_of(sort.name)
    return record.is_pinned, None if read is None else read(record)


_PINNED, _LOOSE = (True, None), (False, None)
"""IDs never change: thousands of sessions share these."""


def ordered(keys: Mapping[int, tuple[bool, Value]], shown: Iterable[int], sort: Sort) -> list[int]:
    """Return the IDs `shown` in order; equal ones newest first.

    Args:
        keys: What `sort_key` says of each session.
        shown: The sessions to list.
        sort: By what.
    """
    is_descending = (sort.name in GREATEST_FIRST) is not sort.is_reversed
    if sort.name == "id":
        listed = sorted(shown, reverse=is_descending)
    else:
        ids = sorted(shown, reverse=True)
        present = [each for each in ids if keys[each][1] is not None]
        absent = [each for each in ids if keys[each][1] is None]
        present.sort(key=lambda each: _comparable(keys[each][1]), reverse=is_descending)
        listed = present + absent
    listed.sort(key=lambda each: not keys[each][0])
    return listed


def _comparable(value: Value) -> tuple[bool, float, str]:
    # A parameter may be a number for one model and a list in words for another.
    if isinstance(value, str):
        return True, 0.0, value.casefold()
    return False, float(value or 0), ""
