"""Report of the demo without a screen: a line per epoch, and a comparison at the end."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from mnist_tui.tui.cli.session_waiter import outcome_of
from mnist_tui.tui.terminal.output import say, write
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import DURATION, Column, columns
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import table_text

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.figures import Value

COLUMNS = (
    *columns("id", "name", "state", "num_parameters", "epochs"),
    *columns("val_accuracy", "test_accuracy", "test_loss"),
    Column("duration", DURATION, "TIME"),
)


class DemoReport:
    """Newest records of the demo's sessions; prints what changes."""

    def __init__(self) -> None:
        self._records: dict[int, SessionRecord] = {}

    def take(self, record: SessionRecord) -> None:
        """Take a record and print its news."""
        before = self._records.get(record.id)
        self._records[record.id] = record
        head = f"#{record.id} {record.name:<6}"
        epochs = record.progress.position.validated_epochs
        if before and epochs > before.progress.position.validated_epochs:
            click.echo(f"{head} {_scores(record)}")
        if before is None or before.state is not record.state:
            cause = f": {record.cause}" if record.cause else ""
            click.echo(printable(f"{head} {formatting.state_look(record).word}{cause}"))
        sys.stdout.flush()

    def is_over(self) -> bool:
        """Return True once each session has an outcome."""
        return all(outcome_of(record) for record in self._records.values())

    def compare(self) -> int:
        """Print the comparison and return the exit code."""
        table = Table("sessions", COLUMNS, list(map(_row, self._records.values())))
        write(["", *table_text(table)])
        outcomes = [outcome_of(record) for record in self._records.values()]
        failures = [each.sentence for each in outcomes if each and each.sentence]
        for sentence in failures:
            say(sentence)
        return 1 if failures else 0


def _scores(record: SessionRecord) -> str:
    figures = record.progress
    return (
        f"epoch {figures.position.validated_epochs:>2}/{record.parameters['epochs']}"
        f"   loss {formatting.loss(figures.train_loss)}"
        f"   accuracy {formatting.percent(figures.train_accuracy):>5} %"
        f"   validation {formatting.percent(figures.val_accuracy):>5} %"
    )


def _row(record: SessionRecord) -> tuple[Value, ...]:
    figures = record.progress
    look = formatting.state_look(record)
    return (
        record.id,
        record.name,
        f"{look.glyph} {look.word}",
        record.num_parameters or None,
        formatting.epochs(record),
        figures.val_accuracy,
        figures.test_accuracy,
        figures.test_loss,
        _seconds(record),
    )


def _seconds(record: SessionRecord) -> float | None:
    if not record.started_at or not record.ended_at:
        return None
    begin, end = map(datetime.fromisoformat, (record.started_at, record.ended_at))
    return (end - begin).total_seconds()
