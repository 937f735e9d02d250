"""A table of values, before anything draws it."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True)
class ViewTable:
    """One table of a screen, with values as they are rather than as they are drawn."""

    title: str
    columns: tuple[str, ...]
    """Distinct names, with units where there are any."""
    rows: list[tuple[Value, ...]]
    """One value per column; None and NaN are absent."""

    def __post_init__(self) -> None:
        assert len(set(self.columns)) == len(self.columns), "columns have distinct names"
        assert all(len(row) == len(self.columns) for row in self.rows), "a value per column"
