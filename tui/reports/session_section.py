"""Sections of a report about one session: scores, curves, mistakes, parameters, reproduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.reports.evaluation_report import class_table, confusion_table
from mnist_tui.tui.reports.outlier_section import outlier_section
from mnist_tui.tui.reports.report_columns import (
    EVALUATED,
    class_names,
    parameter_column,
    parameter_value,
    session_title,
)
from mnist_tui.tui.reports.report_curves import epoch_table
from mnist_tui.tui.reports.report_document import Code, Matrix, Pictures
from mnist_tui.tui.terminal.png import grey_png
from mnist_tui.tui.text.figures import FIGURES, FRACTION, LONG_TEXT, PLAIN, Column, Kind, columns
from mnist_tui.tui.text.formatting import state_look
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Facts, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_document import Block, ChartFigure

MEASURED = (
    "epochs_done", "trained_s", "images_per_s", "peak_memory_bytes", "num_parameters",
    "checkpoint_bytes", "val_accuracy_best_epoch",
)  # fmt: skip
"""Figures of the training, by their names in `METRICS`."""
TIMES = ("created_at", "started_at", "ended_at")
SCORES = (
    ("training, last epoch", "train", ""),
    ("training, best", "train", "_best"),
    ("validation, last epoch", "val", ""),
    ("validation, best", "val", "_best"),
    ("test, last weights", "test", ""),
)
MISTAKE_COLUMNS = (
    Column("image", PLAIN),
    Column("true"),
    Column("predicted"),
    Column("confidence", FRACTION, label="sure"),
    Column("true_probability", FRACTION, label="true class"),
)
MATRIX_COUNT = Kind(lambda count: f"{count:,}" if count else "·")
FINGERPRINT_WORDS = {
    "device_name": "name of the device",
    "data": "checksum of the data (CRC-32)",
    "cpu_capability": "instruction set",
    "onednn_isa": "oneDNN instruction set",
}


def session_sections(
    report: SessionReport,
    values: Mapping[str, float | None],
    charts: Sequence[ChartFigure],
    outliers: OutlierResult | str | None,
    differing: Sequence[str],
) -> Iterator[Section]:
    """Yield the sections about one session; the first has a heading of the second level.

    Args:
        report: Its stored results.
        values: Its figures by the names of `training.analysis.comparison_metrics.METRICS`.
        charts: Its charts.
        outliers: Its out-of-distribution test, from `read_outliers`.
        differing: The parameters whose values differ between the sessions of the report.
    """
    record = report.record
    yield Section(
        session_title(record),
        (*_labels(record), _scores(values), _facts(report, values)),
        anchor=f"session-{record.id}",
    )
    curves = (*charts, *epoch_table(report.measured)) if charts else ("Nothing is measured yet.",)
    yield Section("Curves", curves, level=3)
    yield Section("Classes", tuple(_classes(report)), level=3)
    yield Section("Mistakes", tuple(_mistakes(report)), level=3)
    if outliers is not None:
        yield outlier_section(outliers)
    origin = (_parameters(record, differing), *_reproduction(report))
    yield Section("Parameters, and how to train the same", origin, level=3)


def _labels(record: SessionRecord) -> Iterator[str]:
    look = state_look(record)
    cause = f": {printable(record.cause, 1_000)}" if record.cause else ""
    yield f"{look.glyph} {look.word}{cause}"
    if record.tags:
        yield f"Tags: {printable(', '.join(record.tags), 1_000)}"
    if record.note:
        yield printable(record.note, 5_000)


def _scores(values: Mapping[str, float | None]) -> Table:
    rows = []
    for title, split, end in SCORES:
        accuracy, loss = values.get(f"{split}_accuracy{end}"), values.get(f"{split}_loss{end}")
        mse = None if end else values.get(f"{split}_mse")
        if (accuracy, loss, mse) != (None, None, None):
            rows.append((title, accuracy, loss, mse))
    return Table("Scores", (Column("score"), *columns("accuracy", "loss", "mse")), rows)


def _facts(report: SessionReport, values: Mapping[str, float | None]) -> Facts:
    """Return the figures, sizes and times that are present."""
    present = {name: values[name] for name in MEASURED}
    present |= {name: getattr(report.evaluation, name, None) for name in EVALUATED}
    rows = [(FIGURES[name], value) for name, value in present.items() if value is not None]
    times = [(name, getattr(report.record, name)) for name in TIMES]
    return Facts(
        "Times and sizes",
        [*rows, *((FIGURES[name], time) for name, time in times if time)],
    )


def _classes(report: SessionReport) -> Iterator[Block]:
    evaluation = report.evaluation
    if evaluation is None:
        yield _not_evaluated(report)
        return
    names = class_names(report.record, evaluation)
    position = f"epoch {evaluation.epoch:.4g}, step {evaluation.step:,}"
    title = f"Each class of the test set, {position}"
    yield class_table(names, evaluation.confusion)._replace(title=title)
    yield Matrix(confusion_table(names, evaluation.confusion, MATRIX_COUNT))


def _mistakes(report: SessionReport) -> Iterator[Block]:
    evaluation = report.evaluation
    if evaluation is None:
        yield _not_evaluated(report)
        return
    if report.trouble:
        yield printable(report.trouble, 1_000)
    if not report.num_mistakes:
        yield f"All {evaluation.num_images:,} test images are recognised."
    if report.mistakes:
        yield _pictures(report, class_names(report.record, evaluation))


def _pictures(report: SessionReport, names: Sequence[str]) -> Pictures:
    shown = len(report.mistakes)
    of = f" of {report.num_mistakes:,}" if shown < report.num_mistakes else ""
    table = Table(
        f"Test images taken for something else, most confident first: {shown}{of}",
        MISTAKE_COLUMNS,
        [
            (
                mistake.image,
                names[mistake.true],
                names[mistake.predicted],
                mistake.confidence,
                mistake.true_probability,
            )
            for mistake in report.mistakes
        ],
    )
    captions = tuple(
        (
            f"{names[mistake.true]} taken for {names[mistake.predicted]}",
            f"{FRACTION.with_unit(mistake.confidence)} sure, image {mistake.image}",
        )
        for mistake in report.mistakes
    )
    pixels = report.pixels or (b"",) * shown
    images = tuple(grey_png(image, IMAGE_SIDE) if image else b"" for image in pixels)
    return Pictures(table, captions, images)


def _not_evaluated(report: SessionReport) -> str:
    return f"Not evaluated yet; `mnist-tui evaluate {report.record.id}` does it."


def _parameters(record: SessionRecord, differing: Sequence[str]) -> Table:
    """Return the parameters in the order of the form, those that differ before the others."""
    foreign = sorted(name for name in record.parameters if name not in FIELDS)
    names = sorted([*FIELDS, *foreign], key=lambda name: name not in differing)
    rows = []
    for name in names:
        value, is_different = parameter_value(record, name), name in differing
        if value is not None or is_different:
            title = f"{name} (differs)" if is_different else name
            rows.append((title, parameter_column(name).kind.with_unit(value)))
    return Table("Parameters", (Column("parameter"), Column("value")), rows)


def _reproduction(report: SessionReport) -> Iterator[Block]:
    record = report.record
    values = {name: str(value) for name, value in record.fingerprint.items() if value}
    values |= record.environment
    if values:
        rows = [(FINGERPRINT_WORDS.get(name, name), text) for name, text in values.items()]
        heads = (Column("fingerprint"), Column("value", LONG_TEXT))
        yield Table("Environment that the result depends on", heads, rows)
        yield "If all of this is the same, so is the result:"
    else:
        yield "No worker has started yet, so there is no fingerprint. This command trains the same:"
    yield Code(printable(report.command, 5_000))
