"""What the pages of a session say: its parameters, its network layer by layer, its history."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content

from mnist_tui.storage import folders
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import read_history
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import ELLIPSIS, printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.history import CommandHistory
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.table import Table

HELP_COLUMN = 36
"""Where the meaning of a parameter begins."""
WRAPPED_FROM = 60
"""Columns from which on a meaning may take several lines."""
MAX_HISTORY = 500
"""Rows of the history that are shown, the newest."""


def parameter_page(record: SessionRecord, width: int) -> Content:
    """Return every parameter with its unit and meaning, below labels and note.

    Args:
        record: The session.
        width: Characters per line; where that is much, a long meaning goes on below itself, else
            it is cut, so that the values are in sight together.
    """
    lines = [Content(text) for text in _labels(record)]
    for field in FIELDS.values():
        value = record.parameters.get(field.name)
        if value is None:
            continue
        shown = f"{printable(field.show(value))} {field.unit}".strip()
        first, *rest = _fit_help(field.help, width - HELP_COLUMN)
        lines.append(
            Content.assemble(
                (f"{field.name:<17}", "$text-muted"), f"{shown:<18} ", (first, "$tone-off")
            )
        )
        lines += [Content.styled(" " * HELP_COLUMN + text, "$tone-off") for text in rest]
    return Content("\n").join(lines)


def parameter_table(record: SessionRecord) -> Table:
    """Return the parameters for a file."""
    rows = [
        (name, field.show(record.parameters.get(name)), field.unit)
        for name, field in FIELDS.items()
        if record.parameters.get(name) is not None
    ]
    return raw_table("parameters", ("parameter", "value", "unit"), list(rows))


def layer_page(record: SessionRecord, summary: dict[str, Any]) -> Content:
    """Return the network layer by layer: kind, output shape and weights, as a share too."""
    total = summary["num_parameters"]
    head = (
        f"{printable(record.parameters['model'])}: {total:,} weights,"
        f" {formatting.num_bytes(4 * total)} as float32"
    )
    title = f"{'LAYER':<18}{'KIND':<16}{'OUTPUT SHAPE':<18}{'WEIGHTS':>12}{'SHARE':>8}"
    lines = [
        Content.styled(head, "bold"),
        Content(""),
        Content.styled(title, "$text-muted bold"),
        *(Content(_layer_line(layer, total)) for layer in summary["layers"]),
        Content.styled(f"{'':<52}{total:>12,}", "bold"),
    ]
    return Content("\n").join(lines)


def layer_table(summary: dict[str, Any]) -> Table:
    """Return the layers for a file."""
    rows = [
        (layer["name"], layer["kind"], _shape(layer["shape"]), layer["num_parameters"])
        for layer in summary["layers"]
    ]
    return raw_table("layers", ("layer", "kind", "output shape", "weights"), list(rows))


def history_page(session_folder: Path) -> Content:
    """Return what was asked and what happened, newest first; reads files.

    Each command says when it was requested, and how long after that the worker saw it and it was
    done.
    """
    try:
        rows = read_history(session_folder / folders.HISTORY)[-MAX_HISTORY:]
    except StorageError as error:
        return Content(printable(error))
    if not rows:
        return Content("nothing has happened yet")
    title = f"{'REQUESTED (UTC)':<21}{'WHAT':<10}{'SEEN':>9}{'DONE':>10}{'STEP':>10}  RESULT, BY"
    lines = [Content(_history_line(row)) for row in reversed(rows)]
    return Content("\n").join([Content.styled(title, "$text-muted bold"), *lines])


def history_table(session_folder: Path) -> Table:
    """Return the history for a file; reads files.

    Raises:
        StorageError: The history cannot be read.
    """
    names = ("requested", "command", "seen", "done", "step", "by", "refused", "result")
    rows = [
        (row.requested_at, row.command, row.seen_at, row.done_at, row.step, row.by, row.is_refused,
         row.result)
        for row in read_history(session_folder / folders.HISTORY)
    ]  # fmt: skip
    return raw_table("history", names, list(rows))


def log_table(lines: Sequence[str]) -> Table:
    """Return lines of the log for a file."""
    return raw_table("log", ("line",), [(line,) for line in lines])


def _fit_help(text: str, width: int) -> list[str]:
    if width < WRAPPED_FROM:
        return [textwrap.shorten(text, max(width, 10), placeholder=ELLIPSIS)]
    return textwrap.wrap(text, width)


def _labels(record: SessionRecord) -> list[str]:
    lines = []
    if record.num_parameters:
        lines.append(f"{record.num_parameters:,} weights")
    if record.tags:
        lines.append(f"tags {printable(', '.join(record.tags))}")
    if record.note:
        lines.append(f"note {printable(record.note, 2_000)}")
    return [*lines, ""] if lines else []


def _layer_line(layer: dict[str, Any], total: int) -> str:
    count = layer["num_parameters"]
    share = f"{100 * count / total:.1f} %" if total and count else ""
    return (
        f"{printable(layer['name'], 17):<18}{printable(layer['kind'], 15):<16}"
        f"{_shape(layer['shape']):<18}{count:>12,}{share:>8}"
    )


def _shape(shape: Any) -> str:
    return "×".join(map(str, shape)) if isinstance(shape, list | tuple) else printable(shape, 16)


def _history_line(row: CommandHistory) -> str:
    begun = row.requested_at or row.done_at or ""
    asked = row.requested_at is not None
    result = ("refused: " if row.is_refused else "") + row.result
    # Narrow screens cut the line, and what came of it matters more than who asked.
    told = "  ".join(filter(None, [printable(result), printable(row.by or "")]))
    return (
        f"{printable(begun, 30)[:19].replace('T', ' '):<21}"
        f"{printable(row.command or 'state', 9):<10}"
        f"{_after(row.requested_at, row.seen_at) if asked else '':>9}"
        f"{_after(row.requested_at, row.done_at) if asked else '':>10}"
        f"{'' if row.step is None else f'{row.step:,}':>10}  {told}"
    ).rstrip()


def _after(begin: str | None, end: str | None) -> str:
    """Return how long `end` came after `begin`, such as +40 ms."""
    if begin is None or end is None:
        return "–"
    try:
        seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    except ValueError:
        return "–"
    return f"+{1000 * seconds:.0f} ms" if seconds < 10 else f"+{formatting.duration(seconds)}"
