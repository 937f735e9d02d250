"""Data of a report: read from the files of sessions, and written as JSON or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.training.analysis.comparison import ask, compare_sessions
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.parameter_differences import MAX_SESSIONS, MIN_SESSIONS, differing
from mnist_tui.training.analysis.session_report import read_report
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.sessions.progress import summary_row
from mnist_tui.training.studies.study_results import measure
from mnist_tui.tui.charts.series import reduce_points
from mnist_tui.tui.reports import json_output
from mnist_tui.tui.reports.comparison_report import comparison_object
from mnist_tui.tui.reports.outlier_report import as_plain as outlier_plain
from mnist_tui.tui.reports.outlier_section import read_outliers
from mnist_tui.tui.reports.report_columns import (
    EVALUATED,
    class_names,
    parameter_value,
    session_title,
)
from mnist_tui.tui.reports.study_report import study_object
from mnist_tui.tui.reports.table_formats import as_csv
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import raw_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.training.analysis.comparison_metrics import Measured
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.training.studies.study_table import StudyTable
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.text.figures import Value

REPORT_FORMAT = 1
NUM_COLUMNS = 250
"""Columns that curves are reduced to: each has at most its least and its greatest value."""
FINGERPRINT = ("device", "device_name", "torch", "numpy", "data")
"""The parts of the fingerprint in a row of CSV."""


@dataclass(frozen=True)
class ReportData:
    """Everything that a report contains, before it is written."""

    home: Home
    reports: tuple[SessionReport, ...]
    """One or more, in the order requested."""
    values: tuple[dict[str, float | None], ...]
    """The figures of each, by the names of `training.analysis.comparison_metrics.METRICS`."""
    outliers: tuple[OutlierResult | str | None, ...]
    """The newest out-of-distribution test of each, from `read_outliers`."""
    differing: tuple[str, ...]
    """The parameters with more than one value."""
    title: str
    written_at: str
    """RFC 3339 UTC."""
    study: StudyTable | None = None
    """The study whose sessions they are, if it was requested."""


def read_report_data(
    home: Home, records: Sequence[SessionRecord], *, written_at: str, run: str = ""
) -> ReportData:
    """Read the files of one or more sessions.

    Args:
        home: The home folder of the sessions.
        records: Their records.
        written_at: The current time, RFC 3339 UTC.
        run: The run of a study whose sessions they are; empty for none.

    Raises:
        StorageError: Files cannot be read.
    """
    reports = tuple(read_report(home, record) for record in records)
    measured = [report.measured for report in reports]
    question = ask(measured)
    subject = session_title(records[0]) if len(records) == 1 else count_of(len(records), "session")
    return ReportData(
        home,
        reports,
        tuple(
            {metric.name: metric.value(session, question) for metric in METRICS}
            for session in measured
        ),
        tuple(read_outliers(home, record) for record in records),
        differing(records),
        f"Report on {printable(run) or subject}",
        written_at,
        measure(home, run, records) if run else None,
    )


def report_json(data: ReportData) -> str:
    """Return everything as one JSON object."""
    sessions = [
        _session(report, values) | {"outliers": _outliers(outliers)}
        for report, values, outliers in zip(data.reports, data.values, data.outliers, strict=True)
    ]
    comparison = None
    if MIN_SESSIONS <= len(sessions) <= MAX_SESSIONS:
        comparison = comparison_object(
            compare_sessions([report.measured for report in data.reports])
        )
    plain = {
        "format": REPORT_FORMAT,
        "title": data.title,
        "written_at": data.written_at,
        "study": None if data.study is None else study_object(data.study),
        "differing": data.differing,
        "sessions": sessions,
        "comparison": comparison,
    }
    # Encoded and decoded once, which turns every NaN and infinity into null.
    return json_output.object_text(msgspec.json.decode(msgspec.json.encode(plain))) + "\n"


def report_csv(data: ReportData) -> str:
    """Return a header and a row per session: parameters, figures, fingerprint, command."""
    names = (
        "id", "name", "state", "tags", "note", "created_at", "study", "row",
        *FIELDS, *(metric.name for metric in METRICS), *EVALUATED,
        *(f"fingerprint_{name}" for name in FINGERPRINT), "command",
    )  # fmt: skip
    rows = [_row(report, values) for report, values in zip(data.reports, data.values, strict=True)]
    return as_csv(raw_table(data.title, names, rows))


def _row(report: SessionReport, values: dict[str, float | None]) -> tuple[Value, ...]:
    record, evaluation = report.record, report.evaluation
    return (
        record.id,
        record.name,
        record.state.value,
        " ".join(record.tags),
        record.note,
        record.created_at,
        None if record.study is None else record.study.run,
        None if record.study is None else record.study.row,
        *(parameter_value(record, name) for name in FIELDS),
        *(values[metric.name] for metric in METRICS),
        *(getattr(evaluation, name, None) for name in EVALUATED),
        *(_text(record.fingerprint.get(name)) for name in FINGERPRINT),
        report.command,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _session(report: SessionReport, values: dict[str, float | None]) -> dict[str, Any]:
    record = report.record
    return {
        **summary_row(record),
        "parameters": record.parameters,
        "metrics": values,
        "curves": _curves(report.measured),
        "evaluation": None if report.evaluation is None else _evaluation(report, report.evaluation),
        "fingerprint": record.fingerprint,
        "environment": record.environment,
        "command": report.command,
    }


def _evaluation(report: SessionReport, evaluation: Evaluation) -> dict[str, Any]:
    names = class_names(report.record, evaluation)
    return {
        **msgspec.to_builtins(evaluation),
        "classes": [
            {"name": name, **scores._asdict()}
            for name, scores in zip(names, class_scores(evaluation.confusion), strict=True)
        ],
        "num_mistakes": report.num_mistakes,
        "mistakes": [mistake._asdict() for mistake in report.mistakes],
    }


def _outliers(outliers: OutlierResult | str | None) -> dict[str, Any] | None:
    """Return the object that `outliers --json` prints; None without a readable test."""
    return None if outliers is None or isinstance(outliers, str) else outlier_plain([outliers])


def _curves(measured: Measured) -> dict[str, Any]:
    """Return loss and accuracy over epochs, by split; `metrics --json` has every row."""
    end = float(measured.record.parameters["epochs"])
    curves: dict[str, Any] = {}
    for split in SPLITS:
        columns = getattr(measured, split)
        for name in ("loss", "accuracy"):
            points = reduce_points(columns.epoch, getattr(columns, name), end, NUM_COLUMNS)
            curves[f"{split}_{name}"] = {"epoch": points.x, name: points.y}
    return curves
