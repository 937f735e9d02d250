"""Every published finding: true on one small table, false on another, not known on a third."""

from __future__ import annotations

from typing import Any

import pytest

from mnist_tui.training.studies.findings import findings
from mnist_tui.training.studies.study_definition import Study, StudyRow
from mnist_tui.training.studies.study_library import find_study
from mnist_tui.training.studies.study_table import study_table
from tests.training.study_samples import outcome, sevens_as_nines, table_of

Rows = dict[str, dict[str, Any]]


NETWORKS = ("CNN", "ResNet", "DenseNet", "CapsNet")
SHARES = (25, 50, 75, 100)
CUSTOM = (
    "baseline", "1 SGD", "2 learning rate 0.01", "3 more filters", "4 kernel 5×5", "5 dropout 0.4",
    "6 batch 64", "7 ten epochs",
)  # fmt: skip


def four_networks_row(network: str, share: int) -> str:
    return f"{network} {share} %"


def two(higher: str, lower: str, column: str = "test_accuracy") -> tuple[Rows, Rows]:
    """Return a table in which one row is above the other, and one in which it is not."""
    return (
        {higher: {column: 0.9}, lower: {column: 0.8}},
        {higher: {column: 0.8}, lower: {column: 0.8}},
    )


def custom(**best: float) -> Rows:
    alike = {"test_accuracy": 0.9, "train_accuracy": 0.9}
    return {label: dict(alike) for label in CUSTOM} | {"7 ten epochs": alike | best}


def networks(**changes: float) -> Rows:
    """Return the accuracies of Chen's table, rising by network and share, but for `changes`."""
    rows = {
        four_networks_row(network, share): {"test_accuracy": 0.7 + place * 0.05 + share / 1000}
        for place, network in enumerate(NETWORKS)
        for share in SHARES
    }
    for share in SHARES:
        rows[four_networks_row("CapsNet", share)]["test_accuracy"] += 0.05
    for name, accuracy in changes.items():
        network, _, percent = name.partition("_")
        rows[four_networks_row(network, int(percent))]["test_accuracy"] = accuracy
    return rows


def only(rows: Rows, *labels: str) -> Rows:
    return {label: rows[label] for label in labels}


def channels(worst: float) -> Rows:
    return {
        f"{number} channels": {"test_accuracy": worst if number == 5 else 0.97}
        for number in (2, 5, 10, 20, 32)
    }


def standard(lenet: float) -> Rows:
    return {
        "baseline": {"test_accuracy": 0.95},
        "LeNet": {"test_accuracy": lenet},
        "ResNet50": {"test_accuracy": 0.85},
        "DenseNet121": {"test_accuracy": 0.9},
    }


BASELINE, FILTERS, KERNELS = "baseline", "3 more filters", "4 kernel 5×5"
SMALL_BATCH, DROPOUT, RATE = "6 batch 64", "5 dropout 0.4", "2 learning rate 0.01"

CASES: dict[str, tuple[Rows, Rows]] = {
    "adam-above-sgd": two(BASELINE, "1 SGD"),
    "small-rate-above-large": two(BASELINE, RATE),
    "large-rate-ends-below-train": (
        {RATE: {"val_accuracy": 0.8, "train_accuracy": 0.9}},
        {RATE: {"val_accuracy": 0.9575, "train_accuracy": 0.9394}},
    ),
    "more-filters-raise-accuracy": two(FILTERS, BASELINE),
    "more-filters-raise-size": two(FILTERS, BASELINE, "checkpoint_bytes"),
    "more-filters-raise-time": two(FILTERS, BASELINE, "trained_s"),
    "larger-kernels-raise-accuracy": two(KERNELS, BASELINE),
    "larger-kernels-raise-size": two(KERNELS, BASELINE, "checkpoint_bytes"),
    "larger-kernels-raise-time": two(KERNELS, BASELINE, "trained_s"),
    "more-dropout-raises-test": two(DROPOUT, BASELINE),
    "more-dropout-lowers-train": two(BASELINE, DROPOUT, "train_accuracy"),
    "small-batch-alike": (
        {SMALL_BATCH: {"test_accuracy": 0.955}, BASELINE: {"test_accuracy": 0.95}},
        {SMALL_BATCH: {"test_accuracy": 0.93}, BASELINE: {"test_accuracy": 0.95}},
    ),
    "small-batch-more-erratic": two(SMALL_BATCH, BASELINE, "accuracy_sd"),
    "ten-epochs-best": (
        custom(test_accuracy=0.95, train_accuracy=0.95),
        custom(test_accuracy=0.95, train_accuracy=0.85),
    ),
    "lenet-closest": (standard(lenet=0.93), standard(lenet=0.8)),
    "resnet-below": two(BASELINE, "ResNet50"),
    "densenet-below": two(BASELINE, "DenseNet121"),
    "densenet-slower": two("DenseNet121", "ResNet50", "trained_s"),
    "densenet-smaller": two("ResNet50", "DenseNet121", "checkpoint_bytes"),
    "sevens-as-nines": (
        {KERNELS: {"confusion": sevens_as_nines(6)}, FILTERS: {"confusion": sevens_as_nines(1)}},
        {KERNELS: {"confusion": sevens_as_nines(1)}, FILTERS: {"confusion": sevens_as_nines(1)}},
    ),
    "outliers-to-0-2-8": (
        {BASELINE: {"outlier_counts": (2, 0, 2, 1, 1, 0, 0, 0, 2, 2)}},
        {BASELINE: {"outlier_counts": (2, 0, 2, 1, 1, 0, 0, 0, 1, 3)}},
    ),
    "every-width-at-96": (channels(worst=0.96), channels(worst=0.9599)),
    "more-data-better": (networks(), networks(ResNet_75=0.7)),
    "capsnet-best": (networks(), networks(DenseNet_25=0.95)),
    "capsnet-needs-least-data": (
        only(networks(), "CapsNet 50 %", "CNN 75 %", "ResNet 75 %", "DenseNet 75 %"),
        networks(CNN_75=0.97),
    ),
    "densenet-above-resnet-above-cnn": (
        only(networks(), "DenseNet 100 %", "ResNet 100 %", "CNN 100 %"),
        networks(CNN_100=0.99),
    ),
}


def holds(name: str, rows: Rows) -> bool | None:
    (finding,) = table_of(rows, name).findings
    assert finding.sentence == findings()[name].sentence
    return finding.holds


def test_every_finding_has_its_tables() -> None:
    assert set(CASES) == set(findings())


@pytest.mark.parametrize("name", CASES)
def test_a_finding_is_true_false_or_not_known_by_the_rows(name: str) -> None:
    true, false = CASES[name]
    assert holds(name, true) is True
    assert holds(name, false) is False
    for label in true:
        for rows in (true, false):
            rest = {each: values for each, values in rows.items() if each != label}
            assert holds(name, rest) is None, f"without {label}"


def test_a_finding_goes_by_the_means_over_the_seeds() -> None:
    study = Study(
        name="a",
        title="A",
        rows=(StudyRow(label="baseline"), StudyRow(label="1 SGD")),
        findings=("adam-above-sgd",),
    )
    outcomes = [
        outcome(row, seed, test_accuracy=accuracy)
        for row, accuracies in (("baseline", (0.9, 0.7)), ("1 SGD", (0.75, 0.75)))
        for seed, accuracy in enumerate(accuracies)
    ]
    assert study_table(study, outcomes).findings[0].holds is True


PUBLISHED_VERDICTS = {
    # Their own figures do not bear these out.
    "performance-tuning": {
        "large-rate-ends-below-train",
        "more-filters-raise-time",
        "larger-kernels-raise-time",
    },
    "hidden-channels": set(),
    "assessing-four-networks": set(),
}


@pytest.mark.parametrize("name", PUBLISHED_VERDICTS)
def test_the_published_figures_bear_out_what_was_found_in_them(name: str) -> None:
    study = find_study(name)
    rows = {row.label: row.published for row in study.rows}
    verdicts = table_of(rows, *study.findings).findings
    assert {each.name for each in verdicts if each.holds is False} == PUBLISHED_VERDICTS[name]
