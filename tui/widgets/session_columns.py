"""Which columns the session table shows at a width, and what a session says in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from storage.records import SessionState as S
from training import figures
from tui import formatting
from tui.formatting import percent as _percent
from tui.inert import ELLIPSIS, inert

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.records import SessionRecord

GAP = "  "
CURSOR_WIDTH = 2
SHOWS_CAUSE = frozenset({S.QUEUED, S.FAILED, S.INTERRUPTED})
"""Where the cause says more than the figures it stands in front of."""


@dataclass(frozen=True)
class Column:
    """One column: fixed width, so that nothing jitters."""

    name: str
    header: str
    width: int
    text: Callable[[SessionRecord, int], str]
    """The cell of a record, given the column's width."""
    rank: int
    """Columns of lower rank go first where the screen is narrow; 0 is never left out."""
    is_right: bool = True
    max_width: int = 0
    """How far the column may grow; 0 for not at all."""

    def cell(self, record: SessionRecord) -> str:
        """Return the cell, exactly as wide as the column."""
        return fit(self.text(record, self.width), self.width, is_right=self.is_right)


def _images_per_s(record: SessionRecord) -> float | None:
    return record.progress.images_per_s if record.state is S.RUNNING else None


def _eta(record: SessionRecord) -> float | None:
    return record.progress.eta_s if record.state is S.RUNNING else None


def _state(record: SessionRecord) -> str:
    look = formatting.state_look(record)
    return f"{look.glyph} {look.word}"


COLUMNS: tuple[Column, ...] = (
    Column("id", "#", 4, lambda record, _: str(record.id), 0),
    Column(
        "name", "NAME", 14, lambda record, _: inert(record.name), 0, is_right=False, max_width=24
    ),
    Column("state", "STATE", 13, lambda record, _: _state(record), 0, is_right=False),
    Column(
        "model", "MODEL", 6, lambda record, _: inert(record.parameters["model"]), 4, is_right=False
    ),
    Column(
        "data", "DATA", 8, lambda record, _: inert(record.parameters["dataset"]), 5, is_right=False
    ),
    Column("epoch", "EPOCH", 8, lambda record, _: formatting.epochs(record), 0),
    Column("batch", "BATCH", 11, lambda record, _: formatting.batch(record), 7),
    Column(
        "progress",
        "PROGRESS",
        12,
        lambda record, width: formatting.bar(figures.progress(record), width),
        0,
        is_right=False,
        max_width=20,
    ),
    Column("loss", "LOSS", 7, lambda record, _: formatting.loss(record.progress.train_loss), 2),
    Column("accuracy", "ACC %", 5, lambda record, _: _percent(record.progress.train_accuracy), 0),
    Column("validation", "VAL %", 5, lambda record, _: _percent(record.progress.val_accuracy), 1),
    Column("rate", "IMG/S", 7, lambda record, _: formatting.rate(_images_per_s(record)), 3),
    Column("eta", "ETA", 6, lambda record, _: formatting.duration(_eta(record)), 0),
    Column(
        "device", "DEVICE", 6, lambda record, _: inert(record.device or formatting.ABSENT), 6,
        is_right=False,
    ),
)  # fmt: skip


def choose(width: int) -> tuple[Column, ...]:
    """Return the columns that fit in `width`, the flexible ones grown into what is left."""
    shown = [column for column in COLUMNS if column.rank == 0]
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        if column.rank == 0:
            continue
        if _needed([*shown, column]) > width:
            break
        shown.append(column)
    shown.sort(key=COLUMNS.index)
    spare = width - _needed(shown)
    for name in ("name", "progress"):
        place = next(index for index, column in enumerate(shown) if column.name == name)
        column = shown[place]
        growth = max(0, min(spare, column.max_width - column.width))
        shown[place] = replace(column, width=column.width + growth)
        spare -= growth
    return tuple(shown)


def _needed(columns: list[Column]) -> int:
    return CURSOR_WIDTH + sum(column.width + len(GAP) for column in columns) - len(GAP)


def header(columns: tuple[Column, ...]) -> str:
    """Return the line of column names."""
    names = (fit(column.header, column.width, is_right=column.is_right) for column in columns)
    return " " * CURSOR_WIDTH + GAP.join(names)


def row(columns: tuple[Column, ...], record: SessionRecord) -> list[tuple[str, str]]:
    """Return a session's line as runs of (text, tone); tone is empty for plain text."""
    runs = []
    cause = figures.waiting_for(record) if record.state in SHOWS_CAUSE else None
    for place, column in enumerate(columns):
        if column.name == "progress" and cause and not record.is_held:
            width = _needed(list(columns[place:])) - CURSOR_WIDTH
            runs.append((fit(inert(cause), width), "quiet"))
            break
        tone = formatting.state_look(record).tone if column.name in ("state", "progress") else ""
        runs.append((column.cell(record) + GAP, tone))
    return runs


def fit(text: str, width: int, *, is_right: bool = False) -> str:
    """Return `text` in exactly `width` cells, cut with an ellipsis or padded."""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + ELLIPSIS
    padding = " " * (width - length)
    return padding + text if is_right else text + padding
