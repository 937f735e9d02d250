"""Sessions as a table for files: values as they are, not as they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.sessions.progress import summary_row
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.table import Table


def sessions_table(records: Sequence[SessionRecord]) -> Table:
    """Return one row per session, with the columns of `ls --json`."""
    rows = [summary_row(record) for record in records]
    for row in rows:
        row["tags"] = " ".join(row["tags"])
    names = tuple(rows[0]) if rows else ("id",)
    return raw_table("sessions", names, [tuple(row.values()) for row in rows])
