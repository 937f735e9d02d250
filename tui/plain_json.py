"""JSON on standard output: ASCII only, so that no stored text can steer a terminal; never NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Write a list, one object per line."""
    import json  # noqa: PLC0415 — 1.3 ms that tables save

    lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
    click.echo(f"[\n{lines}\n]" if rows else "[]")


def write_object(value: dict[str, Any]) -> None:
    """Write one object, indented."""
    import json  # noqa: PLC0415 — 1.3 ms that tables save

    click.echo(json.dumps(value, allow_nan=False, indent=2))
