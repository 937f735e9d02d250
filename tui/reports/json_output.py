"""JSON on standard output: ASCII only, so that no stored text can steer a terminal; never NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Write a list, one object per line."""
    lines = ",\n".join(map(_encode, rows))
    click.echo(f"[\n{lines}\n]" if rows else "[]")


def write_object(value: dict[str, Any]) -> None:
    """Write one object, indented."""
    click.echo(object_text(value))


def object_text(value: dict[str, Any]) -> str:
    """Return one object, indented."""
    return msgspec.json.format(_encode(value), indent=2)


def _encode(value: dict[str, Any]) -> str:
    encoded = msgspec.json.encode(value)
    if encoded.isascii():
        return encoded.decode("ascii").replace("\x7f", "\\u007f")
    import json  # noqa: PLC0415 — slower, but it escapes what is not ASCII

    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("\x7f", "\\u007f")
