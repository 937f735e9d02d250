"""Report of `outliers`: a line for each image, then a line for each session."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.results.outlier_tests import LOG_ODDS, answers_path, read_outlier_answers
from mnist_tui.training.analysis.agreement import agreements, alike
from mnist_tui.tui.text.figures import FIGURES, TEXT, Column, Kind, columns
from mnist_tui.tui.text.formatting import percent
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Table
from mnist_tui.tui.text.text_writer import split_text, table_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.outlier_tests import OutlierAnswers, OutlierTest
    from mnist_tui.training.analysis.agreement import Agreement
    from mnist_tui.tui.text.figures import Value

MAX_NAME = 24
SAME = "same"
CLASS = TEXT._replace(is_right=True)
SURE = Kind(lambda value: f"{percent(value):>5} %", is_right=False)
SUMMARY_COLUMNS = (
    *columns("id", "name"),
    FIGURES["step"]._replace(drop=2),
    *columns("auroc_softmax", "auroc_energy", "mean_max_softmax"),
    Column("most often", label="answered most often"),
    Column("3 passes", label="the same answer with dropout active", drop=1),
)


@dataclass(frozen=True)
class OutlierResult:
    """A session, its test and what it answered."""

    record: SessionRecord
    test: OutlierTest
    answers: OutlierAnswers
    path: Path

    @cached_property
    def predicted(self) -> list[int]:
        """The class of each image."""
        return self._classes(self.answers.probabilities)

    @cached_property
    def over_passes(self) -> list[Agreement] | None:
        """The answers to each image with dropout active; None for a network without dropout."""
        rounds = [self._classes(each) for each in self.answers.passes]
        return agreements(rounds) if rounds else None

    @property
    def greatest(self) -> NDArray[np.float32]:
        """(N,), the probability of the predicted class."""
        greatest: NDArray[np.float32] = self.answers.probabilities.max(axis=1)
        return greatest

    @property
    def most_frequent(self) -> tuple[int, int]:
        """The class that is answered most often, and how often; the lowest of such."""
        return max(Counter(self.predicted).items(), key=lambda item: (item[1], -item[0]))

    def class_name(self, number: int) -> str:
        """Return what a class is called."""
        return self._class_names[number]

    @cached_property
    def _class_names(self) -> tuple[str, ...]:
        num_classes = self.answers.probabilities.shape[1]
        return class_names(Path(self.record.data_dir), self.test.dataset, num_classes)

    def _classes(self, probabilities: NDArray[np.float32]) -> list[int]:
        classes: list[int] = probabilities.argmax(axis=1).tolist()
        return classes


def shown_of(home: Home, record: SessionRecord, test: OutlierTest) -> OutlierResult:
    """Return a session with what it answered in a test.

    Raises:
        StorageError: The answers are missing or damaged.
    """
    folder = home.session(record.id)
    return OutlierResult(
        record, test, read_outlier_answers(folder, test), answers_path(folder, test)
    )


def seed_groups(shown: Sequence[OutlierResult]) -> list[list[OutlierResult]]:
    """Return the groups of two or more sessions that differ in their seed alone."""
    groups = alike({place: each.record.parameters for place, each in enumerate(shown)})
    return [[shown[place] for place in group] for group in groups if len(group) > 1]


def as_plain(shown: Sequence[OutlierResult]) -> dict[str, Any]:
    """Return everything that is known as JSON types."""
    test = shown[0].test
    return {
        "source": test.source,
        "images": test.names,
        "sessions": [_plain_session(each) for each in shown],
        "seeds": [_plain_group(group) for group in seed_groups(shown)],
    }


def _plain_session(each: OutlierResult) -> dict[str, Any]:
    test, (frequent, count) = each.test, each.most_frequent
    return {
        "id": each.record.id,
        "name": each.record.name,
        "model": each.record.parameters["model"],
        "dataset": test.dataset,
        "step": test.step,
        "epoch": test.epoch,
        "auroc_softmax": test.auroc_softmax,
        "auroc_energy": test.auroc_energy,
        "scores": test.scores,
        "num_known": test.num_known,
        "num_outliers": len(test.names),
        "mean_max_softmax": float(each.greatest.mean()),
        "most_frequent_class": each.class_name(frequent),
        "most_frequent_count": count,
        "has_dropout": test.num_passes > 0,
        "num_same_passes": None if each.over_passes is None else _num_same(each.over_passes),
        "created_at": test.created_at,
        "file": str(each.path),
        "classes": [
            each.class_name(number) for number in range(each.answers.probabilities.shape[1])
        ],
        "answers": [_plain_answer(each, place) for place in range(len(test.names))],
    }


def _plain_answer(each: OutlierResult, place: int) -> dict[str, Any]:
    passes = each.over_passes
    return {
        "image": each.test.names[place],
        "class": each.class_name(each.predicted[place]),
        "probabilities": each.answers.probabilities[place].tolist(),
        "passes": [] if passes is None else [
            {"class": each.class_name(number), "probabilities": probabilities[place].tolist()}
            for number, probabilities in zip(
                passes[place].answers, each.answers.passes, strict=True
            )
        ],
        "is_same": None if passes is None else passes[place].is_same,
    }  # fmt: skip


def _plain_group(group: list[OutlierResult]) -> dict[str, Any]:
    found = agreements([each.predicted for each in group])
    return {
        "sessions": [each.record.id for each in group],
        "num_same": _num_same(found),
        "answers": [
            {
                "image": name,
                "classes": [group[0].class_name(number) for number in agreement.answers],
                "is_same": agreement.is_same,
            }
            for name, agreement in zip(group[0].test.names, found, strict=True)
        ],
    }


def report_lines(shown: Sequence[OutlierResult], width: int | None) -> list[str]:
    """Return the lines that `outliers` prints.

    Args:
        shown: Sessions that were shown the same images; one at least.
        width: Columns of the terminal; None without one.
    """
    return [
        f"Out-of-distribution images: {printable(shown[0].test.source, 200)}",
        "",
        *split_text(answer_table(shown), width),
        *table_text(summary_table(shown), width),
        "",
        *_notes(shown),
    ]


def answer_table(shown: Sequence[OutlierResult]) -> Table:
    """Return a row per image: what each session answers, and whether seeds agree.

    A session has the class, its probability and, for a network with dropout, the other answers.
    """
    columns = [Column("image", heading="IMAGE", min_width=8)]
    values: list[Sequence[Value]] = [shown[0].test.names]
    places = range(len(shown[0].test.names))
    for result in shown:
        name = result_name(result)
        columns += [
            Column(name, CLASS, name),
            Column(f"{name} probability", SURE, is_joined=True),
            Column(f"{name} with dropout", is_joined=True),
        ]
        passes = result.over_passes
        values += [
            [result.class_name(number) for number in result.predicted],
            result.greatest.tolist(),
            ["" if passes is None else f" {_agreed(result, passes[place])}" for place in places],
        ]
    for group in seed_groups(shown):
        columns.append(Column(f"seeds {_ids(group)}"))
        found = agreements([result.predicted for result in group])
        values.append([_agreed(group[0], agreement) for agreement in found])
    return Table("Answers", tuple(columns), list(zip(*values, strict=True)))


def result_name(result: OutlierResult) -> str:
    """Return ID and name of a session, inert."""
    return f"#{result.record.id} {printable(result.record.name, MAX_NAME)}"


def _agreed(result: OutlierResult, agreement: Agreement) -> str:
    if agreement.is_same:
        return SAME
    return " ".join(printable(result.class_name(number)) for number in agreement.answers)


def summary_table(shown: Sequence[OutlierResult]) -> Table:
    """Return a row per session: how well its scores separate these images from its test set."""
    return Table("Sessions", SUMMARY_COLUMNS, list(map(_summary_row, shown)), num_keys=2)


def _summary_row(result: OutlierResult) -> tuple[Value, ...]:
    test, (frequent, count) = result.test, result.most_frequent
    passes = result.over_passes
    return (
        result.record.id,
        result.record.name,
        test.step,
        test.auroc_softmax,
        test.auroc_energy,
        float(result.greatest.mean()),
        f"{result.class_name(frequent)}, {count} of {len(test.names)}",
        "no dropout" if passes is None else f"{_num_same(passes)} of {len(passes)} {SAME}",
    )


def _notes(shown: Sequence[OutlierResult]) -> list[str]:
    counts = sorted({each.test.num_known for each in shown})
    known = " or ".join(f"{count:,}" for count in counts)
    notes = [
        f"AUROC: the chance that one of the {known} test images scores higher than one of these;"
        " 1 separates them, 0.5 is chance."
    ]
    for group in seed_groups(shown):
        found = agreements([each.predicted for each in group])
        notes.append(
            f"{_ids(group)} differ in their seed alone: the same answer to {_num_same(found)} of"
            f" {len(found)} images."
        )
    if dropping := [each for each in shown if each.over_passes is not None]:
        notes.append(
            f"{_ids(dropping)}: behind the probability what {dropping[0].test.num_passes} passes"
            " with dropout active answer. Plain repeats are identical by construction."
        )
    if fixed := [each for each in shown if each.over_passes is None]:
        notes.append(
            f"{_ids(fixed)}: no dropout to be active, and repeats are identical by construction."
        )
    if capsules := [each for each in shown if each.test.scores == LOG_ODDS]:
        notes.append(
            f"{_ids(capsules)}: scores are the log-odds that each class is there, so that the"
            " energy says whether any is; probabilities are proportional to the odds."
        )
    return notes


def _ids(shown: Sequence[OutlierResult]) -> str:
    return ", ".join(f"#{each.record.id}" for each in shown)


def _num_same(found: Sequence[Agreement]) -> int:
    return sum(agreement.is_same for agreement in found)
