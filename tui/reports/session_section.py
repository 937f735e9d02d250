"""What a report says of one session: scores, curves, mistakes, and how to train the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.training.analysis.parameter_differences import value_of
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.reports import report_values
from mnist_tui.tui.reports.outlier_section import outlier_section
from mnist_tui.tui.reports.report_curves import epoch_table
from mnist_tui.tui.reports.report_document import (
    Code,
    Matrix,
    Picture,
    Pictures,
    Prose,
    Section,
    Table,
)
from mnist_tui.tui.terminal.png import grey_png
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mnist_tui.training.analysis.comparison_metrics import Kind
    from mnist_tui.training.analysis.session_report import SessionReport
    from mnist_tui.tui.reports.outlier_report import OutlierResult
    from mnist_tui.tui.reports.report_document import Block, Figure

FACTS: tuple[tuple[str, str, Kind], ...] = (
    ("epochs_done", "epochs done", "epochs"),
    ("trained_s", "training time", "seconds"),
    ("images_per_s", "images per second", "rate"),
    ("peak_memory_bytes", "peak memory", "bytes"),
    ("num_parameters", "weights", "count"),
    ("checkpoint_bytes", "checkpoint, with the optimiser's state", "bytes"),
)
"""What was measured while training: its metric, what it is called, how it is written."""
SCORES = (
    ("training, last epoch", "train", ""),
    ("training, best", "train", "_best"),
    ("validation, last epoch", "val", ""),
    ("validation, best", "val", "_best"),
    ("test, last weights", "test", ""),
)


def session_sections(
    report: SessionReport,
    values: Mapping[str, float | None],
    figures: Sequence[Figure],
    outliers: OutlierResult | str | None,
    differing: Sequence[str],
) -> Iterator[Section]:
    """Yield the parts about one session, a heading of the second level first.

    Args:
        report: What is on disk about it.
        values: Its figures by the names of `training.analysis.comparison_metrics.METRICS`.
        figures: Its charts.
        outliers: What it answered to images of no digit, from `read_outliers`.
        differing: The parameters that other sessions of the report have otherwise.
    """
    record = report.record
    yield Section(
        report_values.name_of(record),
        (*_labels(report), _scores(values), _facts(report, values)),
        anchor=f"session-{record.id}",
    )
    yield Section("Curves", tuple(_curves(report, figures)), level=3)
    yield Section("Classes", tuple(_classes(report)), level=3)
    yield Section("Mistakes", tuple(_mistakes(report)), level=3)
    if outliers is not None:
        yield outlier_section(outliers)
    origin = (_parameters(report, differing), *_reproduction(report))
    yield Section("Parameters, and how to train the same", origin, level=3)


def _labels(report: SessionReport) -> Iterator[Block]:
    record = report.record
    sentences = [report_values.state_of(record)]
    if record.tags:
        sentences.append(f"Tags: {printable(', '.join(record.tags), 1_000)}")
    if record.note:
        sentences.append(printable(record.note, 5_000))
    yield Prose(tuple(sentences))


def _scores(values: Mapping[str, float | None]) -> Table:
    rows = []
    for title, split, end in SCORES:
        loss, accuracy = values.get(f"{split}_loss{end}"), values.get(f"{split}_accuracy{end}")
        mse = None if end else values.get(f"{split}_mse")
        if (loss, accuracy, mse) != (None, None, None):
            told = (report_values.value("fraction", accuracy), report_values.value("loss", loss))
            rows.append((title, *told, report_values.value("small", mse)))
    columns = ("score", "accuracy %", "loss", "MSE")
    return Table("Scores", columns, tuple(rows))


def _facts(report: SessionReport, values: Mapping[str, float | None]) -> Table:
    record, evaluation = report.record, report.evaluation
    rows = [
        (title, report_values.value(kind, values[name]))
        for name, title, kind in FACTS
        if values.get(name) is not None
    ]
    if values.get("val_accuracy_best_epoch") is not None:
        best = report_values.value("epochs", values["val_accuracy_best_epoch"])
        rows.append(("best validation accuracy at epoch", best))
    if evaluation is not None:
        rows += [
            ("test time", report_values.value("seconds", evaluation.test_s)),
            ("model file, weights alone", formatting.num_bytes(evaluation.weights_bytes)),
            ("calibration error (ECE) %", report_values.value("share", evaluation.ece)),
        ]
    rows += [
        (title, printable(told))
        for title, told in (
            ("created", record.created_at),
            ("started", record.started_at),
            ("ended", record.ended_at),
        )
        if told
    ]
    return Table("Times and sizes", ("measure", "value"), tuple(rows))


def _curves(report: SessionReport, figures: Sequence[Figure]) -> Iterator[Block]:
    if not figures:
        yield Prose(("Nothing is measured yet.",))
        return
    yield from figures
    if table := epoch_table(report.measured):
        yield table


def _parameters(report: SessionReport, differing: Sequence[str]) -> Table:
    """Return the parameters in the order of the form, those that differ before the others."""
    record = report.record
    foreign = sorted(name for name in record.parameters if name not in FIELDS)
    names = sorted([*FIELDS, *foreign], key=lambda name: name not in differing)
    rows = []
    for name in names:
        given = value_of(record, name)
        if given is not None or name in differing:
            title = f"{name} (differs)" if name in differing else name
            rows.append((printable(title), report_values.parameter(name, given)))
    return Table("Parameters", ("parameter", "value"), tuple(rows), is_text=True)


def _classes(report: SessionReport) -> Iterator[Block]:
    evaluation = report.evaluation
    if evaluation is None:
        yield _not_evaluated(report)
        return
    names = report_values.class_names(report.record, evaluation)
    rows = [
        (printable(name), *map(formatting.percent, scores[:3]), f"{scores.support:,}")
        for name, scores in zip(names, class_scores(evaluation.confusion), strict=True)
    ]
    columns = ("class", "precision %", "recall %", "F1 %", "images")
    epoch = f"epoch {evaluation.epoch:.4g}, step {evaluation.step:,}"
    yield Table(f"Each class of the test set, {epoch}", columns, tuple(rows))
    yield Matrix("Confusion matrix of the test set", names, evaluation.confusion)


def _mistakes(report: SessionReport) -> Iterator[Block]:
    evaluation = report.evaluation
    if evaluation is None:
        yield _not_evaluated(report)
        return
    if report.trouble:
        yield Prose((printable(report.trouble, 1_000),))
    if not report.num_mistakes:
        yield Prose((f"All {evaluation.num_images:,} test images are recognised.",))
    if report.mistakes:
        yield _pictures(report, report_values.class_names(report.record, evaluation))


def _pictures(report: SessionReport, names: Sequence[str]) -> Pictures:
    pictures = []
    for place, mistake in enumerate(report.mistakes):
        pixels = report.pixels[place] if report.pixels else b""
        cells = (
            f"{mistake.image}",
            printable(names[mistake.true]),
            printable(names[mistake.predicted]),
            formatting.percent(mistake.confidence),
            formatting.percent(mistake.true_probability),
        )
        png = grey_png(pixels, IMAGE_SIDE) if pixels else b""
        title, note = f"{cells[1]} taken for {cells[2]}", f"{cells[3]} % sure, image {cells[0]}"
        pictures.append(Picture(title, note, cells, png))
    shown = len(report.mistakes)
    of = f" of {report.num_mistakes:,}" if shown < report.num_mistakes else ""
    return Pictures(
        f"Test images taken for something else, most confident first: {shown}{of}",
        ("image", "true", "predicted", "sure %", "true class %"),
        tuple(pictures),
    )


def _not_evaluated(report: SessionReport) -> Prose:
    return Prose((f"Not evaluated yet; `mnist-tui evaluate {report.record.id}` does it.",))


def _reproduction(report: SessionReport) -> Iterator[Block]:
    told = {name: str(given) for name, given in report.record.fingerprint.items() if given}
    told |= report.record.environment
    rows = [(printable(_WORDS.get(name, name)), printable(text)) for name, text in told.items()]
    if rows:
        yield Table(
            "What the result depends on besides",
            ("fingerprint", "value"),
            tuple(rows),
            is_text=True,
        )
        end = "Where all of this is the same, the result is too:"
    else:
        end = "No worker has started yet, so there is no fingerprint. The same is trained by:"
    yield Prose((end,))
    yield Code(printable(report.command, 5_000))


_WORDS = {
    "device_name": "name of the device",
    "data": "checksum of the data (CRC-32)",
    "cpu_capability": "instruction set",
    "onednn_isa": "oneDNN instruction set",
}
