"""Which columns the session table shows at a width, and what a session says in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.sessions import progress as figures
from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.formatting import ABSENT
from mnist_tui.tui.text.formatting import percent as _percent
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord

GAP = "  "
CURSOR_WIDTH = 2
SHOWS_CAUSE = frozenset({S.QUEUED, S.FAILED, S.INTERRUPTED})
"""Where the cause says more than the figures it stands in front of."""


@dataclass(frozen=True)
class SessionColumn:
    """One column: fixed width, so that nothing jitters."""

    name: str
    header: str
    width: int
    text: Callable[[SessionRecord, int], str]
    """The cell of a record, given the column's width."""
    rank: int
    """Columns of lower rank are shown first where the screen is narrow; 0 is never left out."""
    is_right: bool = True
    max_width: int = 0
    """How far the column may grow; 0 for not at all."""
    sort_name: str = ""
    """What the table is sorted by in this column; a name of `session_values`."""
    is_default: bool = True
    """Whether the column is there unless the user chose otherwise."""

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


def _parameter(record: SessionRecord, name: str) -> str:
    value = record.parameters.get(name)
    return ABSENT if value is None else printable(FIELDS[name].show(value))


def _time(moment: str | None) -> str:
    return ABSENT if moment is None else f"{moment[5:10]} {moment[11:16]}"


# fmt: off
COLUMNS: tuple[SessionColumn, ...] = (
    SessionColumn("id", "#", 4, lambda record, _: str(record.id), 0, sort_name="id"),
    SessionColumn("name", "NAME", 17, lambda record, _: printable(record.name), 0, is_right=False,
            max_width=24, sort_name="name"),
    SessionColumn("state", "STATE", 13, lambda record, _: _state(record), 0, is_right=False,
            sort_name="state"),
    SessionColumn("model", "MODEL", 6, lambda record, _: printable(record.parameters["model"]), 4,
            is_right=False, sort_name="model"),
    SessionColumn("data", "DATA", 8, lambda record, _: printable(record.parameters["dataset"]), 5,
            is_right=False, sort_name="dataset"),
    SessionColumn("epoch", "EPOCH", 8, formatting.epochs, 0, sort_name="epoch"),
    SessionColumn("batch", "BATCH", 11,
            lambda record, _: formatting.batch(record), 7, sort_name="step"),
    SessionColumn("progress", "PROGRESS", 12,
            lambda record, width: formatting.bar(figures.progress(record), width), 0,
            is_right=False, max_width=20, sort_name="progress"),
    SessionColumn("loss", "LOSS", 7,
            lambda record, _: formatting.loss(record.progress.train_loss), 2,
            sort_name="loss"),
    SessionColumn("accuracy", "ACC %", 5,
            lambda record, _: _percent(record.progress.train_accuracy), 0,
            sort_name="acc"),
    SessionColumn("validation", "VAL %", 5,
            lambda record, _: _percent(record.progress.val_accuracy), 1,
            sort_name="val"),
    SessionColumn("rate", "IMG/S", 7, lambda record, _: formatting.rate(_images_per_s(record)), 3,
            sort_name="rate"),
    SessionColumn("eta", "ETA", 6, lambda record, _: formatting.duration(_eta(record)), 0,
            sort_name="eta"),
    SessionColumn("device", "DEVICE", 6, lambda record, _: printable(record.device or ABSENT), 6,
            is_right=False, sort_name="device"),
    SessionColumn("tags", "TAGS", 12,
            lambda record, _: printable(" ".join(record.tags)), 8, is_right=False,
            sort_name="tag"),
    SessionColumn("started", "STARTED", 11, lambda record, _: _time(record.started_at), 9,
            sort_name="started"),
    SessionColumn("best", "BEST %", 6,
            lambda record, _: _percent(record.progress.best_val_accuracy), 10,
            sort_name="best", is_default=False),
    SessionColumn("val_loss", "VAL LOSS", 8,
            lambda record, _: formatting.loss(record.progress.val_loss),
            11, sort_name="val_loss", is_default=False),
    SessionColumn("test", "TEST %", 6,
            lambda record, _: _percent(record.progress.test_accuracy), 12,
            sort_name="test", is_default=False),
    SessionColumn("ece", "ECE %", 5, lambda record, _: _percent(record.ece), 20,
            sort_name="ece", is_default=False),
    SessionColumn("auroc", "AUROC", 6, lambda record, _: formatting.area(record.outlier_auroc), 19,
            sort_name="auroc", is_default=False),
    SessionColumn("learning_rate", "LR", 8,
            lambda record, _: _parameter(record, "learning_rate"), 13,
            sort_name="learning_rate", is_default=False),
    SessionColumn("optimizer", "OPT", 7, lambda record, _: _parameter(record, "optimizer"), 14,
            is_right=False, sort_name="optimizer", is_default=False),
    SessionColumn("batch_size", "BS", 5, lambda record, _: _parameter(record, "batch_size"), 15,
            sort_name="batch_size", is_default=False),
    SessionColumn("seed", "SEED", 5, lambda record, _: _parameter(record, "seed"), 16,
            sort_name="seed", is_default=False),
    SessionColumn("weights", "WEIGHTS", 10,
            lambda record, _: f"{record.num_parameters:,}" if record.num_parameters else ABSENT, 17,
            sort_name="weights", is_default=False),
    SessionColumn("note", "NOTE", 20, lambda record, _: printable(record.note), 18, is_right=False,
            sort_name="note", is_default=False),
)
# fmt: on

SORT_NAMES = {column.sort_name: column.header for column in COLUMNS}
"""What the table can be sorted by, and what stands above that column."""


def default_names() -> tuple[str, ...]:
    """Return the columns that are there unless the user chose otherwise."""
    return tuple(column.name for column in COLUMNS if column.is_default)


def choose(width: int, names: tuple[str, ...] = ()) -> tuple[SessionColumn, ...]:
    """Return the columns that fit in `width`, the flexible ones grown into what is left.

    Args:
        width: Characters.
        names: The columns wanted; those of rank 0 are there in any case. None: the usual ones.
    """
    wanted = names or default_names()
    shown = [column for column in COLUMNS if column.rank == 0]
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        if column.rank == 0 or column.name not in wanted:
            continue
        if _needed([*shown, column]) > width:
            break
        shown.append(column)
    shown.sort(key=COLUMNS.index)
    if _needed(shown) > width + sum(_SLACK.values()):
        shown = [column for column in shown if column.name != "eta"]
    return tuple(_fitted(shown, width))


def _fitted(columns: list[SessionColumn], width: int) -> list[SessionColumn]:
    """Return the columns with the flexible ones grown into what is left, or shrunk."""
    spare = width - _needed(columns)
    fitted = []
    for column in columns:
        least = -_SLACK.get(column.name, 0)
        most = max(0, column.max_width - column.width)
        growth = max(least, min(spare, most))
        spare -= growth
        fitted.append(replace(column, width=column.width + growth))
    return fitted


_SLACK = {"name": 9, "progress": 6}
"""By how much a column may shrink where the screen is narrow."""


def _needed(columns: list[SessionColumn]) -> int:
    return CURSOR_WIDTH + sum(column.width + len(GAP) for column in columns) - len(GAP)


def header(columns: tuple[SessionColumn, ...], sorted_by: str = "", arrow: str = "") -> str:
    """Return the line of column names; an arrow stands beside the one that is sorted by."""
    parts = []
    for column in columns:
        is_sorted = bool(arrow) and column.sort_name == sorted_by
        name = fit(column.header, column.width, is_right=column.is_right) + GAP
        if is_sorted:
            end = column.width if column.is_right else len(column.header)
            name = name[:end] + arrow + name[end + len(arrow) :]
        parts.append(name)
    return " " * CURSOR_WIDTH + "".join(parts)[: -len(GAP)]


def row(columns: tuple[SessionColumn, ...], record: SessionRecord) -> list[tuple[str, str]]:
    """Return a session's line as runs of (text, tone); tone is empty for plain text."""
    runs = []
    cause = figures.waiting_for(record) if record.state in SHOWS_CAUSE else None
    for place, column in enumerate(columns):
        if column.name == "progress" and cause and not record.is_held:
            width = _needed(list(columns[place:])) - CURSOR_WIDTH
            runs.append((fit(printable(cause), width), "quiet"))
            break
        tone = _tone(column, record)
        runs.append((column.cell(record) + GAP, tone))
    return runs


def _tone(column: SessionColumn, record: SessionRecord) -> str:
    if column.name == "progress":
        # A bar says how far it is; only what moves shall draw the eye.
        return formatting.state_look(record).tone if record.state in ACTIVE else "quiet"
    return formatting.state_look(record).tone if column.name == "state" else ""
