"""A report as data: JSON with everything, CSV with a row per session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.metrics.metric_records import SPLITS
from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.training.analysis.comparison import compare
from mnist_tui.training.analysis.comparison_limits import MAX_SESSIONS, MIN_SESSIONS
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.parameter_differences import show, value_of
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.sessions.progress import summary_row
from mnist_tui.tui.charts.series import reduce_points
from mnist_tui.tui.reports import json_output, report_values, study_tables
from mnist_tui.tui.reports.comparison_data import as_plain
from mnist_tui.tui.reports.outlier_report import as_plain as outlier_plain
from mnist_tui.tui.reports.table_formats import as_csv
from mnist_tui.tui.text.table import ViewTable

if TYPE_CHECKING:
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.training.analysis.comparison_metrics import Measured
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_assembly import Gathered
    from mnist_tui.tui.text.table import Value

REPORT_FORMAT = 1
NUM_COLUMNS = 250
"""Curves hold at most two points for each: the least and the greatest value."""
EVALUATED = ("test_s", "weights_bytes", "ece")
FINGERPRINT = ("device", "device_name", "torch", "numpy", "data")
"""What a row of CSV tells of what the result depends on."""


def report_json(gathered: Gathered) -> str:
    """Return one object with everything that is known, by the rules of all JSON here."""
    sessions = [
        _session(report, values) | {"outliers": _outliers(outliers)}
        for report, values, outliers in zip(
            gathered.reports, gathered.values, gathered.outliers, strict=True
        )
    ]
    comparison = None
    if MIN_SESSIONS <= len(sessions) <= MAX_SESSIONS:
        comparison = as_plain(compare([report.measured for report in gathered.reports]))
    plain = {
        "format": REPORT_FORMAT,
        "title": gathered.title,
        "written_at": gathered.written_at,
        "study": None if gathered.study is None else study_tables.as_plain(gathered.study),
        "differing": gathered.differing,
        "sessions": sessions,
        "comparison": comparison,
    }
    # There and back: what is no number is null afterwards.
    return json_output.object_text(msgspec.json.decode(msgspec.json.encode(plain))) + "\n"


def report_csv(gathered: Gathered) -> str:
    """Return a header and a row per session: parameters, figures, fingerprint, command."""
    names = (
        "id", "name", "state", "tags", "note", "created_at", "study", "row",
        *FIELDS, *(metric.name for metric in METRICS), *EVALUATED,
        *(f"fingerprint_{name}" for name in FINGERPRINT), "command",
    )  # fmt: skip
    rows = [
        _row(report, values)
        for report, values in zip(gathered.reports, gathered.values, strict=True)
    ]
    return as_csv(ViewTable(gathered.title, names, rows))


def _row(report: SessionReport, values: dict[str, float | None]) -> tuple[Value, ...]:
    record, evaluation = report.record, report.evaluation
    parameters = [value_of(record, name) for name in FIELDS]
    return (
        record.id,
        record.name,
        record.state.value,
        " ".join(record.tags),
        record.note,
        record.created_at,
        None if record.study is None else record.study.run,
        None if record.study is None else record.study.row,
        *(
            show(name, value) if isinstance(value, tuple) else value
            for name, value in zip(FIELDS, parameters, strict=True)
        ),
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
    names = report_values.class_names(report.record, evaluation)
    scores = class_scores(evaluation.confusion)
    return {
        **msgspec.to_builtins(evaluation),
        "classes": [
            {"name": name, **each._asdict()} for name, each in zip(names, scores, strict=True)
        ],
        "num_mistakes": report.num_mistakes,
        "mistakes": [mistake._asdict() for mistake in report.mistakes],
    }


def _outliers(outliers: OutlierResult | str | None) -> dict[str, Any] | None:
    """Return what `outliers --json` tells of one session; None where its files do not tell it."""
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
