"""Report of an evaluation: figures, scores of each class, the confusion matrix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.results.evaluations import predictions_path
from mnist_tui.tui.text.figures import COUNT, EXACT_BYTES, FIGURES, Column, columns
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Cell, Facts, Section, Table
from mnist_tui.tui.text.text_writer import page_text

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation

SUMMARY_KEYS = (
    "step", "epoch", "split", "dataset", "num_images", "loss", "accuracy", "mse", "ece", "test_s",
    "weights_bytes", "num_parameters", "reason", "created_at",
)  # fmt: skip
FIGURE_KEYS = ("loss", "accuracy", "mse", "ece", "training_s", "test_s", "num_parameters")
"""The figures that are printed, by their names in JSON."""
SCORE_KEYS = ("precision", "recall", "f1", "support")
CONFUSION = "Confusion matrix: a row for each true class, a column for each predicted one"


def summary_of(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """Return the figures of an evaluation as plain types, as JSON shows them."""
    if evaluation is None:
        return None
    plain = msgspec.to_builtins(evaluation)
    return {key: plain[key] for key in SUMMARY_KEYS}


def details_of(
    home: Home, record: SessionRecord, evaluation: Evaluation, info: CheckpointInfo | None
) -> dict[str, Any]:
    """Return everything that is known about an evaluation, as `evaluate --json` writes it.

    Args:
        home: Where the session is.
        record: The session.
        evaluation: One of its evaluations.
        info: The checkpoint whose weights were scored, if it still exists.

    Raises:
        StorageError: The measurements of the session cannot be read.
    """
    from mnist_tui.training.analysis.class_scores import class_scores  # noqa: PLC0415 — numpy, 70 ms `show` saves
    from mnist_tui.training.analysis.stored_results import StoredResults  # noqa: PLC0415 — the same

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
            {"class": name, **score._asdict()} for name, score in zip(names, scores, strict=True)
        ],
        "confusion": evaluation.confusion,
        "probabilities": str(predictions_path(home.session(record.id), evaluation)),
    }


def report_lines(details: dict[str, Any]) -> list[str]:
    """Return the lines that `evaluate` prints of `details_of`."""
    title = (
        f"{printable(details['name'])} (#{details['id']}), scored with the {details['split']} set"
        f" of {printable(details['dataset'])}: {details['num_images']:,} images"
    )
    scores = Table(
        "Classes",
        (Column("class"), *columns(*SCORE_KEYS)),
        [tuple(row[key] for key in ("class", *SCORE_KEYS)) for row in details["classes"]],
    )
    names = [row["class"] for row in details["classes"]]
    confusion = Table(
        "Confusion matrix",
        (Column("", heading=""), *(Column(name, COUNT, printable(name)) for name in names)),
        [(name, *counts) for name, counts in zip(names, details["confusion"], strict=True)],
    )
    return page_text(
        [
            Section(title, (_figures(details),)),
            Section("", (scores,)),
            Section("", (CONFUSION, confusion)),
        ]
    )


def _figures(details: dict[str, Any]) -> Facts:
    return Facts(
        "Figures",
        [
            ("weights of", f"step {details['step']:,}, epoch {details['epoch']:.2f}"),
            *((FIGURES[key], details[key]) for key in FIGURE_KEYS),
            ("size of the weights", Cell(details["weights_bytes"], EXACT_BYTES)),
            ("checkpoint", Cell(details["checkpoint_bytes"], EXACT_BYTES)),
            ("scored", f"{details['created_at']} ({details['reason']})"),
        ],
    )
