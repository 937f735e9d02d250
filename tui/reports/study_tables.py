"""A study's table for other programs: JSON, and tables with values as they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.tui.reports.study_lines import VERDICTS
from mnist_tui.tui.text.table import ViewTable

if TYPE_CHECKING:
    from mnist_tui.training.studies.study_table import StudyTable, TableRow
    from mnist_tui.tui.text.table import Value


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
        "rows": [_row(table, row) for row in table.rows],
        "findings": [
            {"name": finding.name, "sentence": finding.sentence, "holds": finding.holds}
            for finding in table.findings
        ],
        "remarks": list(study.remarks),
    }


def view_tables(table: StudyTable) -> list[ViewTable]:
    """Return the rows, and the findings where there are any."""
    study = table.study
    names = [name for name in study.columns if name in COLUMNS]
    columns = ["row", "finished"]
    for name in names:
        columns += [name, f"{name}_sd", f"{name}_published"]
    rows = [_values(row, names) for row in table.rows]
    tables = [ViewTable(table.run or study.name, tuple(columns), rows)]
    if table.findings:
        told: list[tuple[Value, ...]] = [
            (finding.name, finding.sentence, VERDICTS[finding.holds]) for finding in table.findings
        ]
        tables.append(ViewTable("Published findings", ("name", "finding", "by our means"), told))
    return tables


def _row(table: StudyTable, row: TableRow) -> dict[str, Any]:
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
