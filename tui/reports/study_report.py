"""A run of a study beside the published figures: as text, as tables for files, as JSON types."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mnist_tui.training.studies.study_columns import BYTES_PER_MIB, COLUMNS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.abbreviations import display_width
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Table, raw_table
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.training.studies.study_columns import Kind
    from mnist_tui.training.studies.study_table import Figure, StudyTable, TableRow
    from mnist_tui.tui.text.figures import Value

MAX_LABEL = 40
MAX_LINE = 1_000
NOT_MEASURED = "not measured"
VERDICTS = {True: "true", False: "false", None: "not known yet"}
"""What is said of a finding."""


def page(table: StudyTable, width: int | None) -> list[str]:
    """Return all that there is to say of a study, for a terminal of so many columns."""
    study = table.study
    name = table.run or study.name
    lines = [f"{name}: {study.title.rstrip('.')}."]
    if study.source:
        lines.append(f"{study.source.rstrip('.')}.")
    lines += ["", progress(table)]
    if study.changes:
        told = ", ".join(f"{field}={value}" for field, value in study.changes.items())
        lines.append(f"Set for every row: {told}; what was published was measured without.")
    lines += ["", *_tables(table, width)]
    missing = [row for row in table.rows if row.left_out]
    if missing:
        lines += [*(f"{row.label}: {NOT_MEASURED}. {row.left_out}" for row in missing), ""]
    if table.findings:
        widest = max(map(len, VERDICTS.values()))
        lines += ["Published findings, by our means:"]
        lines += [
            f"  {VERDICTS[finding.holds]:<{widest}}  {finding.sentence}."
            for finding in table.findings
        ]
    if study.remarks:
        lines += ["", *study.remarks]
    return [printable(line, MAX_LINE) for line in lines]


def progress(table: StudyTable) -> str:
    """Return how far a run is, in a sentence."""
    outcomes = table.outcomes
    if not outcomes:
        return f"It has no sessions; `mnist-tui study run {table.study.name}` makes them."
    counts = Counter(formatting.state_look(outcome.record).word for outcome in outcomes)
    told = [f"{table.num_finished} of {formatting.count_of(len(outcomes), 'session')} finished"]
    told += [f"{count} {word}" for word, count in counts.items() if word != "finished"]
    seeds = ", ".join(map(str, table.study.seeds))
    missing = ""
    if table.num_missing:
        complete = f"`mnist-tui study complete {table.run}` makes them"
        missing = f" {table.num_missing} more are missing; {complete}."
    return f"{', '.join(told)}; seeds {seeds}.{missing}"


def value_text(kind: Kind, value: float) -> str:
    """Return a figure in the unit that its column's title names."""
    match kind:
        case "fraction" | "share":
            return f"{100 * value:.2f}"
        case "bytes":
            return f"{value / BYTES_PER_MIB:.2f}"
        case "seconds" | "epochs":
            return f"{value:.2f}"
        case "rate":
            return f"{value:,.1f}"
        case "count":
            return f"{value:,.0f}"
        case "small":
            return f"{value:.5f}"
        case "loss":
            return f"{value:.4f}"


def _parts(kind: Kind, figure: Figure) -> tuple[str, str, str]:
    """Return mean, deviation and what was published, such as 95.92, ±0.31 and (95.83)."""
    return (
        formatting.ABSENT if figure.mean is None else value_text(kind, figure.mean),
        "" if figure.sd is None else f"±{value_text(kind, figure.sd)}",
        "" if figure.published is None else f"({value_text(kind, figure.published)})",
    )


def _tables(table: StudyTable, width: int | None) -> list[str]:
    """Return as many columns beside each other as fit, the others in tables below."""
    labels = ["ROW", *(printable(row.label, MAX_LABEL) for row in table.rows)]
    done = ["DONE", *map(_done, table.rows)]
    columns = [_column(table, name) for name in table.study.columns if name in COLUMNS]
    lines: list[str] = []
    while columns:
        count = _that_fit(labels, done, columns, width)
        shown, columns = [done, *columns[:count]], columns[count:]
        titles = [
            TextColumn(labels[0]),
            *(TextColumn(column[0], is_right=True) for column in shown),
        ]
        cells = zip(labels[1:], *(column[1:] for column in shown), strict=True)
        lines += [*render(titles, list(cells)), ""]
    return lines


def _column(table: StudyTable, name: str) -> list[str]:
    """Return a title and, below it, a cell for each row, its parts below each other."""
    column = COLUMNS[name]
    parts = [_parts(column.kind, row.figures[name]) for row in table.rows]
    means, deviations, published = (list(each) for each in zip(*parts, strict=True))
    title = f"{column.title}{' (published)' if any(published) else ''}".upper()
    sides = [_padded(means), _padded(deviations), _padded(published)]
    cells = [" ".join(cell) for cell in zip(*[side for side in sides if any(side)], strict=True)]
    return [title, *cells]


def _padded(cells: Sequence[str]) -> list[str]:
    widest = max(map(len, cells))
    return [cell.rjust(widest) for cell in cells]


def _done(row: TableRow) -> str:
    if row.left_out:
        return NOT_MEASURED
    return f"{sum(outcome.is_finished for outcome in row.outcomes)}/{len(row.outcomes)}"


def _that_fit(
    labels: list[str], done: list[str], columns: list[list[str]], width: int | None
) -> int:
    if width is None:
        return len(columns)
    left = width - sum(max(map(display_width, each)) for each in (labels, done)) - len(GAP)
    for count, column in enumerate(columns):
        left -= len(GAP) + max(map(display_width, column))
        if left < 0:
            return max(1, count)
    return len(columns)


def as_plain(table: StudyTable) -> dict[str, Any]:
    """Return a study as `study show --json` writes it: accuracies 0..1, seconds, bytes."""
    study = table.study
    outcomes = table.outcomes
    return {
        "study": study.name,
        "run": table.run or None,
        "title": study.title,
        "source": study.source,
        "seeds": list(study.seeds),
        "columns": list(study.columns),
        "changes": dict(study.changes),
        "sessions": len(outcomes),
        "finished": table.num_finished,
        "missing": table.num_missing if outcomes else 0,
        "states": dict(Counter(outcome.record.state.value for outcome in outcomes)),
        "rows": [_plain_row(table, row) for row in table.rows],
        "findings": [
            {"name": finding.name, "sentence": finding.sentence, "holds": finding.holds}
            for finding in table.findings
        ],
        "remarks": list(study.remarks),
    }


def view_tables(table: StudyTable) -> list[Table]:
    """Return the rows, and the findings where there are any."""
    study = table.study
    names = [name for name in study.columns if name in COLUMNS]
    columns = ["row", "finished"]
    for name in names:
        columns += [name, f"{name}_sd", f"{name}_published"]
    rows = [_values(row, names) for row in table.rows]
    tables = [raw_table(table.run or study.name, tuple(columns), rows)]
    if table.findings:
        told: list[tuple[Value, ...]] = [
            (finding.name, finding.sentence, VERDICTS[finding.holds]) for finding in table.findings
        ]
        tables.append(raw_table("Published findings", ("name", "finding", "by our means"), told))
    return tables


def _plain_row(table: StudyTable, row: TableRow) -> dict[str, Any]:
    names = [name for name in table.study.columns if name in COLUMNS]
    return {
        "label": row.label,
        "parameters": row.row.parameters,
        "not_measured": row.left_out or None,
        "figures": {
            name: {
                "mean": (figure := row.figures[name]).mean,
                "sd": figure.sd,
                "count": figure.count,
                "published": figure.published,
                "difference": figure.difference,
            }
            for name in names
        },
        "sessions": [
            {
                "id": outcome.record.id,
                "seed": outcome.seed,
                "state": outcome.record.state.value,
                **{name: outcome.values.get(name) for name in names},
            }
            for outcome in row.outcomes
        ],
    }


def _values(row: TableRow, names: list[str]) -> tuple[Value, ...]:
    values: list[Value] = [row.label, sum(outcome.is_finished for outcome in row.outcomes)]
    for name in names:
        figure = row.figures[name]
        values += [figure.mean, figure.sd, figure.published]
    return tuple(values)
