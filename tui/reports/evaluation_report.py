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
    from collections.abc import Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import CheckpointInfo, SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation
    from mnist_tui.tui.text.figures import Kind

SUMMARY_KEYS = (
    "step", "epoch", "split", "dataset", "num_images", "loss", "accuracy", "mse", "ece", "test_s",
    "weights_bytes", "num_parameters", "reason", "created_at",
)  # fmt: skip
FIGURE_KEYS = ("loss", "accuracy", "mse", "ece", "training_s", "test_s", "num_parameters")
"""The figures that are printed, by their names in JSON."""
HEAT_LEVELS = 5
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
    return {
        "id": record.id,
        "name": record.name,
        **(summary_of(evaluation) or {}),
        "training_s": StoredResults(home, record.id).read(record).trained_s,
        "checkpoint": info.file if info else None,
        "checkpoint_bytes": info.num_bytes if info else None,
        "classes": [
            {"class": name, **scores._asdict()}
            for name, scores in zip(names, class_scores(evaluation.confusion), strict=True)
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
    names, confusion = [row["class"] for row in details["classes"]], details["confusion"]
    return page_text(
        [
            Section(title, (_figures(details),)),
            Section("", (class_table(names, confusion),)),
            Section("", (CONFUSION, confusion_table(names, confusion))),
        ]
    )


def class_table(names: Sequence[str], confusion: Sequence[Sequence[int]]) -> Table:
    """Return precision, recall, F1 and number of images of each class."""
    from mnist_tui.training.analysis.class_scores import class_scores  # noqa: PLC0415 — as above

    rows = [(name, *scores) for name, scores in zip(names, class_scores(confusion), strict=True)]
    return Table(
        "Classes", (Column("class"), *columns("precision", "recall", "f1", "support")), rows
    )


def confusion_table(
    names: Sequence[str], confusion: Sequence[Sequence[int]], kind: Kind = COUNT
) -> Table:
    """Return C rows, the true classes, of C predicted counts; `heat` gives their roles."""
    rows: list[tuple[str | Cell, ...]] = []
    for true, counts in enumerate(confusion):
        support = sum(counts) or 1
        cells = [
            Cell(count, role=heat(count / support, is_right=true == predicted))
            for predicted, count in enumerate(counts)
        ]
        rows.append((names[true], *cells))
    heads = (Column(f"predicted {name}", kind, printable(name), printable(name)) for name in names)
    corner = Column("true", heading="", label="true \\ predicted")
    return Table("Confusion matrix of the test set", (corner, *heads), rows)


def heat(share: float, *, is_right: bool) -> str:
    """Return the role of a count by its share of the row: from `right-1` to `wrong-5`.

    Mistakes reach each level at a tenth of the share that correct answers need.
    """
    if not share:
        return "none"
    level = 1 + int(share * HEAT_LEVELS * (1 if is_right else 10))
    return f"{'right' if is_right else 'wrong'}-{min(HEAT_LEVELS, level)}"


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
