"""Outlier tests as `outliers` prints them: a line for each image, then a line for each session."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_folder import class_names
from mnist_tui.storage.results.outlier_tests import LOG_ODDS, answers_path, read_outlier_answers
from mnist_tui.training.analysis.agreement import agreements, alike
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.abbreviations import display_width
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import GAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.outlier_tests import OutlierAnswers, OutlierTest
    from mnist_tui.training.analysis.agreement import Agreement

MAX_IMAGE_NAME = 20
"""Characters of an image's name in a terminal."""
MAX_NAME = 24
SAME = "same"


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
    """Return all there is to say as JSON types."""
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
        width: Columns of the terminal; None where there is none.
    """
    return [
        f"Images that are no digits: {printable(shown[0].test.source, 200)}",
        "",
        *_images(shown, width),
        *_summary(shown, width),
        "",
        *_notes(shown),
    ]


def _images(shown: Sequence[OutlierResult], width: int | None) -> list[str]:
    """Return as many sessions beside each other as fit, the others in tables below."""
    limit = MAX_IMAGE_NAME if width is not None else 80
    labels = ["IMAGE", *(printable(name, limit) for name in shown[0].test.names)]
    columns = [_answers(each) for each in shown] + [_seeds(group) for group in seed_groups(shown)]
    lines: list[str] = []
    while columns:
        count = _that_fit(labels, columns, width)
        beside, columns = columns[:count], columns[count:]
        titles = [TextColumn(title) for title in (labels[0], *(column[0] for column in beside))]
        rows = zip(labels[1:], *(column[1:] for column in beside), strict=True)
        lines += [*render(titles, [list(row) for row in rows]), ""]
    return lines


def _answers(each: OutlierResult) -> list[str]:
    """Return a session's column: class, its probability, and what the passes with dropout say."""
    names = [printable(each.class_name(number)) for number in each.predicted]
    widest = max(map(display_width, names))
    cells = [
        f"{' ' * (widest - display_width(name))}{name} {formatting.percent(float(greatest)):>5} %"
        for name, greatest in zip(names, each.greatest, strict=True)
    ]
    if each.over_passes is not None:
        cells = [
            f"{cell}  {_agreed(each, agreement)}"
            for cell, agreement in zip(cells, each.over_passes, strict=True)
        ]
    return [f"#{each.record.id} {printable(each.record.name, MAX_NAME)}", *cells]


def _seeds(group: list[OutlierResult]) -> list[str]:
    """Return the column of sessions that differ in their seed alone."""
    found = agreements([each.predicted for each in group])
    return [f"SEEDS {_ids(group)}", *(_agreed(group[0], agreement) for agreement in found)]


def _agreed(each: OutlierResult, agreement: Agreement) -> str:
    if agreement.is_same:
        return SAME
    return " ".join(printable(each.class_name(number)) for number in agreement.answers)


def _that_fit(labels: list[str], columns: list[list[str]], width: int | None) -> int:
    """Return how many of the columns fit into a terminal beside the labels; one at least."""
    if width is None:
        return len(columns)
    left = width - max(map(display_width, labels))
    for count, column in enumerate(columns):
        left -= len(GAP) + max(map(display_width, column))
        if left < 0:
            return max(1, count)
    return len(columns)


def _summary(shown: Sequence[OutlierResult], width: int | None) -> list[str]:
    columns = (
        TextColumn("ID", is_right=True),
        TextColumn("NAME"),
        TextColumn("STEP", is_right=True, min_width=100),
        TextColumn("AUROC SOFTMAX", is_right=True),
        TextColumn("ENERGY", is_right=True),
        TextColumn("MEAN MAX %", is_right=True),
        TextColumn("MOST OFTEN"),
        TextColumn("3 PASSES", min_width=90),
    )
    return render(columns, [_summary_row(each) for each in shown], width)


def _summary_row(each: OutlierResult) -> list[str]:
    test, (frequent, count) = each.test, each.most_frequent
    passes = each.over_passes
    return [
        str(each.record.id),
        printable(each.record.name, MAX_NAME),
        f"{test.step:,}",
        formatting.area(test.auroc_softmax),
        formatting.area(test.auroc_energy),
        formatting.percent(float(each.greatest.mean())),
        f"{printable(each.class_name(frequent))}, {count} of {len(test.names)}",
        "no dropout" if passes is None else f"{_num_same(passes)} of {len(passes)} {SAME}",
    ]


def _notes(shown: Sequence[OutlierResult]) -> list[str]:
    counts = sorted({each.test.num_known for each in shown})
    known = " or ".join(f"{count:,}" for count in counts)
    notes = [
        f"AUROC: the chance that one of the {known} test images scores higher than one of these;"
        " 1 tells them apart, 0.5 is chance."
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
