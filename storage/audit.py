"""Audit log of a home, `audit.jsonl`: every command and state change of all sessions, in one order.

The supervisor alone appends. The same events stand in each session's history; here they stay in one
order, also after a session has gone to the trash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mnist_tui.storage.history import HistoryEntry
from mnist_tui.storage.lines import LineAppender, read_lines

if TYPE_CHECKING:
    from pathlib import Path

AUDIT_FORMAT = 1


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of `audit.jsonl`."""

    session_id: int
    """0 for the supervisor itself."""
    entry: HistoryEntry


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AuditEntry)


class AuditLog:
    """Appends to the audit log at `path`; keeps it open."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it if there is none.

        Raises:
            StorageError: It cannot be opened.
        """
        self._lines = LineAppender(path, AUDIT_FORMAT)

    def append(self, session_id: int, entry: HistoryEntry) -> None:
        """Append one entry in one write.

        Raises:
            StorageError: It could not be written.
        """
        line = _encoder.encode(AuditEntry(session_id=session_id, entry=entry))
        self._lines.append(line + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def read_audit(path: Path) -> list[AuditEntry]:
    """Return the entries in order, none if there is no file; damaged lines are left out.

    Raises:
        StorageError: The file cannot be read or a newer version wrote it.
    """
    return read_lines(path, AUDIT_FORMAT, _decoder)
