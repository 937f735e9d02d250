"""A run of a study beside the published figures: as a section, as lines of text, as JSON types."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import BYTES, FIGURES, LONG_TEXT, MEBIBYTES, Column, Kind
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Cell, Section, Table, value_of
from mnist_tui.tui.text.text_writer import pairs_text, split_text

if TYPE_CHECKING:
    from mnist_tui.training.studies.study_table import StudyTable, TableRow

MAX_LINE = 1_000
NOT_MEASURED = "not measured"
PUBLISHED = "_published"
"""Ending of the names of columns with published figures."""
VERDICTS = {True: "true", False: "false", None: "not known yet"}
"""Texts of the results of findings."""


def study_lines(table: StudyTable, width: int | None) -> list[str]:
    """Return everything about a study for a terminal of `width` columns; None for no limit."""
    study = table.study
    lines = [f"{table.run or study.name}: {study.title.rstrip('.')}."]
    if study.source:
        lines.append(f"{study.source.rstrip('.')}.")
    lines += ["", *_progress(table), "", *split_text(_bracketed(study_tables(table)[0]), width)]
    if left_out := _left_out(table):
        lines += [*left_out, ""]
    if table.findings:
        results = [(VERDICTS[each.holds], f"{each.sentence}.") for each in table.findings]
        lines += ["Published findings, by our means:"]
        lines += [f"  {line}" for line in pairs_text(results)]
    if study.remarks:
        lines += ["", *study.remarks]
    return [printable(line, MAX_LINE) for line in lines]


def study_section(table: StudyTable) -> Section:
    """Return the part of a report about a study as a whole."""
    study = table.study
    intro = [f"{study.title}.", *([f"{study.source}."] if study.source else []), *_progress(table)]
    rows, *findings = study_tables(table)
    blocks = (
        *intro,
        _measured_columns(rows._replace(title="Mean over the finished sessions of each row")),
        *findings,
        *_left_out(table),
        *study.remarks,
    )
    return Section("Study", blocks, anchor="study")


def study_tables(table: StudyTable) -> list[Table]:
    """Return the rows, and the findings if there are any.

    Columns of standard deviations and published figures are joined to those of the means.
    """
    study = table.study
    names = [name for name in study.columns if name in COLUMNS]
    columns = [Column("row", heading="ROW"), Column("finished", heading="DONE")]
    for name in names:
        columns += _figure_columns(name)
    rows = [_row(row, names) for row in table.rows]
    tables = [Table(table.run or study.name, tuple(columns), rows, num_keys=2)]
    if table.findings:
        results = [(each.name, each.sentence, VERDICTS[each.holds]) for each in table.findings]
        titles = (Column("name"), Column("finding", LONG_TEXT), Column("by our means"))
        tables.append(Table("Published findings", titles, results))
    return tables


def study_object(table: StudyTable) -> dict[str, Any]:
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
        "rows": [_row_object(table, row) for row in table.rows],
        "findings": [
            {"name": finding.name, "sentence": finding.sentence, "holds": finding.holds}
            for finding in table.findings
        ],
        "remarks": list(study.remarks),
    }


def _row_object(table: StudyTable, row: TableRow) -> dict[str, Any]:
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


def _progress(table: StudyTable) -> list[str]:
    """Return how many sessions have finished, and the parameters set for every row."""
    outcomes, study = table.outcomes, table.study
    changes = ", ".join(f"{field}={value}" for field, value in study.changes.items())
    notes = [f"Set for every row: {changes}; what was published was measured without."]
    if not outcomes:
        sentence = f"It has no sessions; `mnist-tui study run {study.name}` makes them."
        return [sentence, *(notes if changes else [])]
    counts = Counter(formatting.state_look(outcome.record).word for outcome in outcomes)
    parts = [f"{table.num_finished} of {formatting.count_of(len(outcomes), 'session')} finished"]
    parts += [f"{count} {word}" for word, count in counts.items() if word != "finished"]
    sentence = f"{', '.join(parts)}; seeds {', '.join(map(str, study.seeds))}."
    if table.num_missing:
        sentence += (
            f" {table.num_missing} more are missing;"
            f" `mnist-tui study complete {table.run}` makes them."
        )
    return [sentence, *(notes if changes else [])]


def _left_out(table: StudyTable) -> list[str]:
    return [f"{row.label}: {NOT_MEASURED}. {row.left_out}" for row in table.rows if row.left_out]


def _figure_columns(name: str) -> list[Column]:
    """Return mean, standard deviation and published figure; sizes in MiB, as papers print them."""
    column = FIGURES[name]
    if column.kind is BYTES:
        column = column._replace(kind=MEBIBYTES, heading=f"{column.head} MIB")
    kind = column.kind
    deviation = Kind(lambda value: f"±{(kind.difference or kind.write)(value)}", absent="")
    published = kind._replace(unit="", absent="")
    return [
        column,
        Column(f"{name}_sd", deviation, label="± sd", is_joined=True),
        Column(f"{name}{PUBLISHED}", published, label="published", is_joined=True),
    ]


def _row(row: TableRow, names: list[str]) -> tuple[str | Cell | float | None, ...]:
    total, done = len(row.outcomes), sum(outcome.is_finished for outcome in row.outcomes)
    done_kind = Kind(lambda count: NOT_MEASURED if row.left_out else f"{count}/{total}")
    values: list[str | Cell | float | None] = [row.label, Cell(done, done_kind)]
    for name in names:
        figure = row.figures[name]
        values += [figure.mean, figure.sd, figure.published]
    return tuple(values)


def _bracketed(table: Table) -> Table:
    """Return a table for a terminal, published figures in brackets behind the means."""
    columns = list(table.columns)
    for place, column in enumerate(columns):
        values = [value_of(row[place]) for row in table.rows]
        if column.name.endswith(PUBLISHED) and any(value is not None for value in values):
            mean, kind = columns[place - 2], column.kind
            columns[place - 2] = mean._replace(heading=f"{mean.head} (PUBLISHED)")
            bracketed = kind._replace(write=partial(_in_brackets, kind))
            columns[place] = column._replace(kind=bracketed)
    return table._replace(columns=tuple(columns))


def _in_brackets(kind: Kind, value: float) -> str:
    return f"({kind.write(value)})"


def _measured_columns(table: Table) -> Table:
    """Return a table without joined columns that hold no value."""
    places = [
        place
        for place, column in enumerate(table.columns)
        if not column.is_joined or any(value_of(row[place]) is not None for row in table.rows)
    ]
    return table._replace(
        columns=tuple(table.columns[place] for place in places),
        rows=[tuple(row[place] for place in places) for row in table.rows],
    )
