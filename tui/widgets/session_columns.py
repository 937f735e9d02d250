"""Columns of the session table: the choice for a width, and the cells of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.sessions import progress as figures
from mnist_tui.training.sessions.lifecycle import ACTIVE
from mnist_tui.tui.state import session_values
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.cells import fit
from mnist_tui.tui.text.figures import FIGURES
from mnist_tui.tui.text.formatting import ABSENT
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord

GAP = "  "
CURSOR_WIDTH = 2
FIRST_OPTIONAL_RANK = 10
"""Rank from which on columns are there only if the user chose them."""
SHOWS_CAUSE = frozenset({S.QUEUED, S.FAILED, S.INTERRUPTED})
"""States whose cause is more important than the figures that it covers."""


class SessionColumn(NamedTuple):
    """Column of fixed width, so that nothing jitters."""

    name: str
    header: str
    width: int
    text: Callable[[SessionRecord, int], str]
    """The cell of a record, given the column's width."""
    rank: int
    """Columns of lower rank are shown first on a narrow screen; 0 is always shown."""
    is_right: bool = True
    max_width: int = 0
    """The width to which the column may grow; 0 for a fixed width."""
    sort_name: str = ""
    """The value by which this column sorts; a name of `session_values`."""

    @property
    def is_default(self) -> bool:
        """True if the column is shown by default."""
        return self.rank < FIRST_OPTIONAL_RANK

    def cell(self, record: SessionRecord) -> str:
        """Return the cell, exactly as wide as the column."""
        return fit(self.text(record, self.width), self.width, is_right=self.is_right)


def _state(record: SessionRecord) -> str:
    look = formatting.state_look(record)
    return f"{look.glyph} {look.word}"


def _time(moment: str | None) -> str:
    return ABSENT if moment is None else f"{moment[5:10]} {moment[11:16]}"


def _text(
    name: str,
    header: str,
    width: int,
    rank: int,
    text: Callable[[SessionRecord, int], str],
    *,
    sort_name: str = "",
    is_right: bool = False,
    max_width: int = 0,
) -> SessionColumn:
    """Return a usual column of texts."""
    return SessionColumn(name, header, width, text, rank, is_right, max_width, sort_name or name)


def _figure(
    name: str,
    figure: str,
    rank: int,
    sort_name: str = "",
    *,
    width: int = 0,
) -> SessionColumn:
    """Return a column of a figure, with its heading, rounding and width.

    Args:
        name: The name of the column.
        figure: One of `text.figures.FIGURES`.
        rank: The rank of the column.
        sort_name: The figure's name in `session_values`; `name` if empty.
        width: The width of its texts, if its kind has none.
    """
    column = FIGURES[figure]
    read = session_values.FIGURES[sort_name or name]
    return SessionColumn(
        name,
        column.head,
        max(len(column.head), width or column.kind.width),
        lambda record, _: column.kind.text(read(record)),
        rank,
        sort_name=sort_name or name,
    )


def _parameter(
    name: str, header: str, width: int, rank: int, *, is_right: bool = True
) -> SessionColumn:
    """Return a column of a parameter, which the user may choose."""

    def text(record: SessionRecord, _: int) -> str:
        value = record.parameters.get(name)
        return ABSENT if value is None else printable(FIELDS[name].show(value))

    return SessionColumn(name, header, width, text, rank, is_right, sort_name=name)


COLUMNS: tuple[SessionColumn, ...] = (
    _text("id", "#", 4, 0, lambda record, _: str(record.id), is_right=True),
    _text("name", "NAME", 17, 0, lambda record, _: printable(record.name), max_width=40),
    _text("state", "STATE", 13, 0, lambda record, _: _state(record)),
    _text("model", "MODEL", 6, 4, lambda record, _: printable(record.parameters["model"])),
    _text(
        "data", "DATA", 8, 5, lambda record, _: printable(record.parameters["dataset"]),
        sort_name="dataset",
    ),
    _text("epoch", "EPOCH", 8, 0, formatting.epochs, is_right=True),
    _text(
        "batch", "BATCH", 11, 7, lambda record, _: formatting.batch(record), sort_name="step",
        is_right=True,
    ),
    _text(
        "progress", "PROGRESS", 12, 0,
        lambda record, width: formatting.bar(figures.progress(record), width), max_width=20,
    ),
    _figure("loss", "train_loss", 2),
    _figure("accuracy", "train_accuracy", 0, "acc"),
    _figure("validation", "val_accuracy", 1, "val"),
    _figure("rate", "images_per_s", 3),
    _figure("eta", "eta_s", 0),
    _text("device", "DEVICE", 6, 6, lambda record, _: printable(record.device or ABSENT)),
    _text(
        "tags", "TAGS", 12, 8, lambda record, _: printable(" ".join(record.tags)), sort_name="tag"
    ),
    _text("started", "STARTED", 11, 9, lambda record, _: _time(record.started_at), is_right=True),
    _figure("best", "val_accuracy_best", 10),
    _figure("val_loss", "val_loss", 11),
    _figure("test", "test_accuracy", 12),
    _figure("ece", "ece", 20),
    _figure("auroc", "outlier_auroc", 19),
    _parameter("learning_rate", "LR", 8, 13),
    _parameter("optimizer", "OPT", 7, 14, is_right=False),
    _parameter("batch_size", "BS", 5, 15),
    _parameter("seed", "SEED", 5, 16),
    _figure("weights", "num_parameters", 17, width=10),
    _text("note", "NOTE", 20, 18, lambda record, _: printable(record.note)),
)  # fmt: skip

SORT_NAMES = {column.sort_name: column.header for column in COLUMNS}
"""Names by which the table can be sorted, and the heading of each column."""


def default_names() -> tuple[str, ...]:
    """Return the columns shown by default."""
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
        fitted.append(column._replace(width=column.width + growth))
    return fitted


_SLACK = {"name": 9, "progress": 6}
"""Cells by which a column may shrink on a narrow screen."""


def _needed(columns: list[SessionColumn]) -> int:
    return CURSOR_WIDTH + sum(column.width + len(GAP) for column in columns) - len(GAP)


def header(columns: tuple[SessionColumn, ...], sorted_by: str = "", arrow: str = "") -> str:
    """Return the line of headings, with an arrow beside the sorted column."""
    parts = []
    for column in columns:
        is_sorted = bool(arrow) and column.sort_name == sorted_by
        name = fit(column.header, column.width, is_right=column.is_right) + GAP
        if is_sorted:
            end = column.width if column.is_right else len(column.header)
            name = name[:end] + arrow + name[end + len(arrow) :]
        parts.append(name)
    return " " * CURSOR_WIDTH + "".join(parts)[: -len(GAP)]


def row(
    columns: tuple[SessionColumn, ...], record: SessionRecord, name: str = ""
) -> list[tuple[str, str]]:
    """Return a session's line as runs of (text, tone); tone is empty for plain text.

    Args:
        columns: The columns from `choose`.
        record: The session.
        name: Its name as it can be told from the others, if that is not the name itself.
    """
    runs = []
    cause = figures.waiting_for(record) if record.state in SHOWS_CAUSE else None
    for place, column in enumerate(columns):
        if column.name == "progress" and cause and not record.is_held:
            width = _needed(list(columns[place:])) - CURSOR_WIDTH
            runs.append((fit(printable(cause), width), "quiet"))
            break
        tone = _tone(column, record)
        is_short = column.name == "name" and name
        cell = fit(name, column.width) if is_short else column.cell(record)
        runs.append((cell + GAP, tone))
    return runs


def _tone(column: SessionColumn, record: SessionRecord) -> str:
    if column.name == "progress":
        # Only bars of active sessions are coloured.
        return formatting.state_look(record).tone if record.state in ACTIVE else "quiet"
    return formatting.state_look(record).tone if column.name == "state" else ""
