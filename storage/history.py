"""Command history of a session, `history.jsonl`; written by the supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from mnist_tui.storage.lines import LineAppender, read_lines

if TYPE_CHECKING:
    from pathlib import Path

HISTORY_FORMAT = 1

HistoryEvent = Literal["requested", "seen", "done", "refused", "changed"]


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One line of `history.jsonl`."""

    event: HistoryEvent
    """Kind of the event; a live edit or a state that changed by itself is `changed`."""
    time: str
    number: int = 0
    """Number shared by the events of one command; 0 for events without a command."""
    command: str = ""
    by: str = ""
    """Requesting client: cli or tui with its pid, or supervisor; set on `requested`."""
    step: int | None = None
    """Optimiser steps done at that moment, where known."""
    text: str = ""


class CommandHistory(Struct, kw_only=True):
    """All that is known of one command: one row of the history."""

    number: int
    command: str
    by: str
    requested_at: str | None = None
    seen_at: str | None = None
    done_at: str | None = None
    step: int | None = None
    """The newest step in its events."""
    is_refused: bool = False
    result: str = ""
    """The newest text of its events: why it was refused, what was changed."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(HistoryEntry)


class HistoryWriter:
    """Appends to the history at `path`; holds no file open."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: HistoryEntry) -> None:
        """Append one entry in one write.

        Raises:
            StorageError: The file cannot be written.
        """
        lines = LineAppender(self.path, HISTORY_FORMAT)
        try:
            lines.append(_encoder.encode(entry) + b"\n")
        finally:
            lines.close()


def read_entries(path: Path) -> list[HistoryEntry]:
    """Return the entries in order, none if there is no file; damaged lines are left out.

    Raises:
        StorageError: The file cannot be read or a newer version wrote it.
    """
    return read_lines(path, HISTORY_FORMAT, _decoder)


def read_history(path: Path) -> list[CommandHistory]:
    """Return one row per command, in the order of the requests.

    Raises:
        StorageError: The file cannot be read or a newer version wrote it.
    """
    rows: list[CommandHistory] = []
    by_number: dict[int, CommandHistory] = {}
    for entry in read_entries(path):
        row = by_number.get(entry.number)
        # Another supervisor may count from the beginning again: a request is always a new row.
        if row is None or entry.event in ("requested", "changed"):
            row = CommandHistory(number=entry.number, command=entry.command, by=entry.by)
            by_number[entry.number] = row
            rows.append(row)
        _fold(row, entry)
    return rows


def _fold(row: CommandHistory, entry: HistoryEntry) -> None:
    match entry.event:
        case "requested":
            row.requested_at = entry.time
        case "seen":
            row.seen_at = entry.time
        case "done" | "changed":
            row.done_at = entry.time
        case "refused":
            row.done_at = entry.time
            row.is_refused = True
    row.step = row.step if entry.step is None else entry.step
    row.result = entry.text or row.result
