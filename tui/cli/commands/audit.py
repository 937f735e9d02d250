"""`audit`: every command and state change of a home, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mnist_tui.storage.audit import read_audit
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text.formatting import ABSENT
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.audit import AuditEntry
    from mnist_tui.tui.cli.context import CliContext

COLUMNS = (
    TextColumn("TIME"),
    TextColumn("ID", is_right=True),
    TextColumn("EVENT"),
    TextColumn("COMMAND"),
    TextColumn("NUMBER", is_right=True),
    TextColumn("STEP", is_right=True),
    TextColumn("BY"),
    TextColumn("WHAT"),
)
KEYS = ("time", "session_id", "event", "command", "number", "step", "by", "text")


@click.command()
@click.option("--json", "is_json", is_flag=True, help="As a JSON list")
@click.pass_obj
def audit(setup: CliContext, is_json: bool) -> None:
    """Tell who asked what of which session, when it was seen and done, and what changed.

    The events of one command share a number; removed sessions are told of, too.
    """
    setup.home.require_ours()
    rows = [_plain(entry) for entry in read_audit(setup.home.audit)]
    if is_json:
        json_output.write_rows(rows)
    elif rows:
        write(_table(rows))
    else:
        say(f"Nothing has happened yet in {setup.home.path}.")


def _plain(line: AuditEntry) -> dict[str, Any]:
    entry = line.entry
    return {
        "time": entry.time,
        "session_id": line.session_id,
        "event": entry.event,
        "command": entry.command or None,
        "number": entry.number or None,
        "step": entry.step,
        "by": entry.by or None,
        "text": entry.text or None,
    }


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    cells = [
        [ABSENT if row[key] is None else printable(row[key], 200) for key in KEYS] for row in rows
    ]
    return render(COLUMNS, cells)
