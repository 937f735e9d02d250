"""`audit`: every command and state change of a home, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mnist_tui.storage.audit import read_audit
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text.figures import FIGURES, PLAIN, Column
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from mnist_tui.storage.audit import AuditEntry
    from mnist_tui.tui.cli.context import CliContext
    from mnist_tui.tui.text.figures import Value

COLUMNS = (
    Column("time"),
    Column("session_id", PLAIN, "ID"),
    Column("event"),
    Column("command"),
    Column("number", PLAIN),
    FIGURES["step"],
    Column("by"),
    Column("text", heading="WHAT"),
)


@click.command()
@click.option("--json", "is_json", is_flag=True, help="As a JSON list")
@click.pass_obj
def audit(setup: CliContext, is_json: bool) -> None:
    """Show who requested what of which session, when it was seen and done, and what changed.

    The events of one command share a number; removed sessions are included.
    """
    setup.home.require_ours()
    table = Table("audit", COLUMNS, list(map(_row, read_audit(setup.home.audit))))
    if is_json:
        json_output.write_rows(table.dicts())
    elif table.rows:
        write(table_text(table))
    else:
        say(f"Nothing has happened yet in {setup.home.path}.")


def _row(line: AuditEntry) -> tuple[Value, ...]:
    entry = line.entry
    return (
        entry.time,
        line.session_id,
        entry.event,
        entry.command or None,
        entry.number or None,
        entry.step,
        entry.by or None,
        entry.text or None,
    )
