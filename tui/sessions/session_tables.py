"""Tables of one session: parameters, layers, checkpoints, history; and of all sessions.

Pages, commands and exported files draw the same tables, or some of their columns.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.sessions.progress import summary_row
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import (
    BYTES,
    COUNT,
    FIGURES,
    LONG_TEXT,
    SHARE,
    TEXT,
    TIME,
    Column,
    Kind,
)
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Table, raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.history import CommandHistory
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.tui.text.figures import Value

MAX_HISTORY = 500
"""Rows of the history that a page shows, the newest."""
OPTIONAL = TEXT._replace(absent="")
DELAY = Kind(
    lambda seconds: (
        f"+{1000 * seconds:.0f} ms" if seconds < 10 else f"+{formatting.duration(seconds)}"
    ),
    absent="",
)
BEST = Kind(lambda is_best: "best" if is_best else "", is_right=False)

CHECKPOINT_COLUMNS = (
    FIGURES["step"],
    FIGURES["epoch"],
    Column("reason"),
    Column("bytes", BYTES, "SIZE"),
    Column("is_best", BEST, ""),
    Column("written", TIME, "WRITTEN (UTC)"),
    Column("name", OPTIONAL),
    Column("file"),
    Column("sha256"),
)
SHOWN_OF_CHECKPOINTS = ("step", "epoch", "reason", "bytes", "is_best", "written", "name")
"""The columns that are drawn; files have all."""


def parameter_table(record: SessionRecord) -> Table:
    """Return the parameters that the session has, with units and meanings."""
    rows = [
        (name, field.show(record.parameters.get(name)), field.unit)
        for name, field in FIELDS.items()
        if record.parameters.get(name) is not None
    ]
    return Table(
        "parameters", (Column("parameter"), Column("value"), Column("unit", OPTIONAL)), rows
    )


def layer_table(layers: Sequence[dict[str, Any]]) -> Table:
    """Return the layers of a network, as the supervisor summarizes them."""
    columns = (Column("layer"), Column("kind"), Column("output shape"), Column("weights", COUNT))
    rows = [
        (layer["name"], layer["kind"], _shape(layer["shape"]), layer["num_parameters"])
        for layer in layers
    ]
    return Table("layers", columns, rows)


def layer_share_table(layers: Sequence[dict[str, Any]]) -> Table:
    """Return the layers with their share of all weights."""
    table = layer_table(layers)
    total = sum(layer["num_parameters"] for layer in layers)
    rows = [
        (*row, layer["num_parameters"] / total if layer["num_parameters"] else None)
        for row, layer in zip(table.rows, layers, strict=True)
    ]
    share = Column("share", SHARE._replace(absent=""), "SHARE %")
    return table._replace(columns=(*table.columns, share), rows=rows)


def checkpoint_table(infos: Sequence[CheckpointInfo]) -> Table:
    """Return checkpoints in the order of their manifests."""
    rows = [
        (info.position.step, info.epoch, info.reason, info.num_bytes, info.is_best,
         info.created_at, info.name or None, info.file, info.sha256)
        for info in infos
    ]  # fmt: skip
    return Table("checkpoints", CHECKPOINT_COLUMNS, rows)


def history_table(history: Sequence[CommandHistory]) -> Table:
    """Return the history with its times, for a file."""
    names = ("requested", "command", "seen", "done", "step", "by", "refused", "result")
    rows = [
        (row.requested_at, row.command, row.seen_at, row.done_at, row.step, row.by, row.is_refused,
         row.result)
        for row in history
    ]  # fmt: skip
    return raw_table("history", names, rows)


def history_view(history: Sequence[CommandHistory]) -> Table:
    """Return the history for people: when, what, how long until it was seen and done, the result.

    Who requested it stands last: narrow screens cut lines, and the result matters more.
    """
    columns = (
        Column("requested", TIME, "REQUESTED (UTC)"),
        Column("what"),
        Column("seen", DELAY),
        Column("done", DELAY),
        Column("step", FIGURES["step"].kind._replace(absent="")),
        Column("result", LONG_TEXT, "RESULT, BY"),
    )
    return Table("history", columns, list(map(_history_row, history)))


def log_table(lines: Sequence[str]) -> Table:
    """Return lines of the log for a file."""
    return Table("log", (Column("line", LONG_TEXT),), [(line,) for line in lines])


def sessions_table(records: Sequence[SessionRecord]) -> Table:
    """Return one row per session, with the columns of `ls --json`."""
    rows = [summary_row(record) for record in records]
    for row in rows:
        row["tags"] = " ".join(row["tags"])
    names = tuple(rows[0]) if rows else ("id",)
    return raw_table("sessions", names, [tuple(row.values()) for row in rows])


def _shape(shape: Any) -> str:
    return "×".join(map(str, shape)) if isinstance(shape, list | tuple) else printable(shape, 16)


def _history_row(row: CommandHistory) -> tuple[Value, ...]:
    result = ("refused: " if row.is_refused else "") + row.result
    return (
        row.requested_at or row.done_at or "",
        row.command or "state",
        _seconds_between(row.requested_at, row.seen_at),
        _seconds_between(row.requested_at, row.done_at),
        row.step,
        "  ".join(filter(None, (result, row.by))),
    )


def _seconds_between(begin: str | None, end: str | None) -> float | None:
    if begin is None or end is None:
        return None
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    except ValueError:
        return None
