"""An evaluation as `evaluate` prints it: figures, a row per class, the confusion matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.results.evaluations import predictions_path
from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.training.analysis.stored_results import StoredResults
from mnist_tui.tui.reports.evaluation_summary import summary_of
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation


def details_of(
    home: Home, record: SessionRecord, evaluation: Evaluation, info: CheckpointInfo | None
) -> dict[str, Any]:
    """Return all there is to say about an evaluation, as `evaluate --json` writes it.

    Args:
        home: Where the session is.
        record: The session.
        evaluation: One of its evaluations.
        info: The checkpoint whose weights were scored, if it is still there.

    Raises:
        StorageError: What the session measured cannot be read.
    """
    names = class_names(Path(record.data_dir), evaluation.dataset, len(evaluation.confusion))
    scores = class_scores(evaluation.confusion)
    return {
        "id": record.id,
        "name": record.name,
        **(summary_of(evaluation) or {}),
        "training_s": StoredResults(home, record.id).read(record).trained_s,
        "checkpoint": info.file if info else None,
        "checkpoint_bytes": info.num_bytes if info else None,
        "classes": [
            {"class": name, **each._asdict()} for name, each in zip(names, scores, strict=True)
        ],
        "confusion": evaluation.confusion,
        "probabilities": str(predictions_path(home.session(record.id), evaluation)),
    }


def report_lines(details: dict[str, Any]) -> list[str]:
    """Return the lines that `evaluate` prints of `details_of`."""
    return [
        f"{printable(details['name'])} (#{details['id']}), scored with the {details['split']} set"
        f" of {printable(details['dataset'])}: {details['num_images']:,} images",
        *_figures(details),
        "",
        *_classes(details["classes"]),
        "",
        "Confusion matrix: a row for each true class, a column for each predicted one",
        *_confusion(details),
    ]


def _figures(details: dict[str, Any]) -> list[str]:
    figures = {
        "weights of": f"step {details['step']:,}, epoch {details['epoch']:.2f}",
        "loss": formatting.loss(details["loss"]),
        "accuracy": f"{formatting.percent(details['accuracy'])} %",
        "MSE": formatting.ABSENT if details["mse"] is None else f"{details['mse']:.5f}",
        "calibration error (ECE)": f"{formatting.percent(details['ece'])} %",
        "training time": _seconds(details["training_s"]),
        "test time": _seconds(details["test_s"]),
        "parameters": f"{details['num_parameters']:,}",
        "weights": _size(details["weights_bytes"]),
        "checkpoint": _size(details["checkpoint_bytes"]),
        "scored": f"{printable(details['created_at'])} ({printable(details['reason'])})",
    }
    width = max(map(len, figures))
    return [f"  {name:<{width}}  {text}" for name, text in figures.items()]


def _classes(classes: list[dict[str, Any]]) -> list[str]:
    columns = (
        TextColumn("CLASS"),
        TextColumn("PRECISION %", is_right=True),
        TextColumn("RECALL %", is_right=True),
        TextColumn("F1 %", is_right=True),
        TextColumn("IMAGES", is_right=True),
    )
    rows = [
        [
            printable(each["class"]),
            *(formatting.percent(each[key]) for key in ("precision", "recall", "f1")),
            f"{each['support']:,}",
        ]
        for each in classes
    ]
    return render(columns, rows)


def _confusion(details: dict[str, Any]) -> list[str]:
    names = [printable(each["class"]) for each in details["classes"]]
    columns = [TextColumn(""), *(TextColumn(name, is_right=True) for name in names)]
    rows = [
        [name, *map(str, counts)] for name, counts in zip(names, details["confusion"], strict=True)
    ]
    return render(columns, rows)


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return formatting.ABSENT
    return f"{seconds:.2f} s" if seconds < 60 else formatting.duration(seconds)


def _size(num_bytes: int | None) -> str:
    if num_bytes is None:
        return formatting.ABSENT
    return f"{formatting.num_bytes(num_bytes)} ({num_bytes:,} bytes)"
