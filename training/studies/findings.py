"""The published findings, each a named predicate over the rows of a study's table.

A finding is true or false by the means of its rows over the seeds, and not known while one of them
is missing, so the predicates ask for all of them before they decide. Times
and sizes are this machine's and this program's.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mnist_tui.training.studies.study_table import TableRow

MAX_LIKENESS = 0.01
"""Accuracies that differ by less than a point are told as alike."""
MIN_HIDDEN_CHANNELS_ACCURACY = 0.96
MOST = 0.5

BASELINE, SGD, LARGE_RATE = "baseline", "1 SGD", "2 learning rate 0.01"
MORE_FILTERS, LARGER_KERNELS = "3 more filters", "4 kernel 5×5"
MORE_DROPOUT, SMALL_BATCH, TEN_EPOCHS = "5 dropout 0.4", "6 batch 64", "7 ten epochs"
LENET, RESNET, DENSENET = "LeNet", "ResNet50", "DenseNet121"
CUSTOM = (
    BASELINE, SGD, LARGE_RATE, MORE_FILTERS, LARGER_KERNELS, MORE_DROPOUT, SMALL_BATCH, TEN_EPOCHS,
)  # fmt: skip
"""The rows of performance-tuning that its authors built themselves."""

CHANNELS = tuple(f"{number} channels" for number in (2, 5, 10, 20, 32))
"""The rows of hidden-channels."""

NETWORKS = ("CNN", "ResNet", "DenseNet", "CapsNet")
SHARES = (25, 50, 75, 100)
"""Per cent of the training images; rows of assessing-four-networks are network and share."""


class NotMeasuredError(Exception):
    """A finding asks for what no row tells yet."""


class Means:
    """What findings ask of the rows."""

    def __init__(self, rows: Mapping[str, TableRow]) -> None:
        self._rows = rows

    def __call__(self, label: str, column: str = "test_accuracy") -> float:
        """Return the mean of a column over the seeds of a row.

        Raises:
            NotMeasuredError: There is none.
        """
        row = self._rows.get(label)
        mean = row.figures[column].mean if row else None
        if mean is None:
            raise NotMeasuredError
        return mean

    def confused(self, label: str, true: int, predicted: int) -> float:
        """Return how many images of class `true` a row takes for `predicted`, on average.

        Raises:
            NotMeasuredError: No evaluation tells it.
        """
        row = self._rows.get(label)
        mean = row.mean_confusion(true, predicted) if row else None
        if mean is None:
            raise NotMeasuredError
        return mean

    def outlier_share(self, classes: Collection[int]) -> float:
        """Return which part of the images of no digit any row takes for one of `classes`, 0..1.

        Raises:
            NotMeasuredError: None was shown any.
        """
        counts = [each for row in self._rows.values() for each in row.outlier_counts]
        total = sum(map(sum, counts))
        if not total:
            raise NotMeasuredError
        return sum(each[index] for each in counts for index in classes) / total


@dataclass(frozen=True)
class Finding:
    """One published finding."""

    name: str
    sentence: str
    holds: Callable[[Means], bool] = field(repr=False)


def judge(finding: Finding, rows: Mapping[str, TableRow]) -> bool | None:
    """Return whether the rows, by label, bear a finding out; None while one is missing."""
    try:
        return finding.holds(Means(rows))
    except NotMeasuredError:
        return None


def four_networks_row(network: str, share: int) -> str:
    """Return the label of a row of assessing-four-networks."""
    return f"{network} {share} %"


def _above(
    name: str, sentence: str, higher: str, lower: str, column: str = "test_accuracy"
) -> Finding:
    """Return the finding that one row is above another in a column."""
    return Finding(name, sentence, lambda of: of(higher, column) > of(lower, column))


def _is_small_batch_alike(of: Means) -> bool:
    return abs(of(SMALL_BATCH) - of(BASELINE)) < MAX_LIKENESS


def _are_ten_epochs_best(of: Means) -> bool:
    leads = (
        of(TEN_EPOCHS, column) - of(label, column)
        for column in ("test_accuracy", "train_accuracy")
        for label in CUSTOM
    )
    return min(leads) >= 0


def _is_lenet_closest(of: Means) -> bool:
    distances = {label: abs(of(label) - of(BASELINE)) for label in (LENET, RESNET, DENSENET)}
    return min(distances, key=distances.__getitem__) == LENET


def _gains_with_each_quarter(of: Means) -> bool:
    gains = (
        of(four_networks_row(network, more)) - of(four_networks_row(network, less))
        for network in NETWORKS
        for less, more in itertools.pairwise(SHARES)
    )
    return min(gains) > 0


def _is_capsnet_best(of: Means) -> bool:
    leads = (
        of(four_networks_row("CapsNet", share)) - of(four_networks_row(network, share))
        for network in NETWORKS[:-1]
        for share in SHARES
    )
    return min(leads) > 0


def _needs_capsnet_least(of: Means) -> bool:
    others = (of(four_networks_row(network, 75)) for network in NETWORKS[:-1])
    return of(four_networks_row("CapsNet", 50)) > max(others)


def _are_in_order_with_all_images(of: Means) -> bool:
    cnn, resnet, densenet = (of(four_networks_row(network, 100)) for network in NETWORKS[:-1])
    return densenet > resnet > cnn


FINDINGS: dict[str, Finding] = {
    finding.name: finding
    for finding in (
        # performance-tuning
        _above("adam-above-sgd", "Adam is better than SGD", BASELINE, SGD),
        _above(
            "small-rate-above-large",
            "A learning rate of 0.001 is better than 0.01",
            BASELINE, LARGE_RATE,
        ),
        Finding(
            "large-rate-ends-below-train",
            "With a learning rate of 0.01, validation accuracy ends below training accuracy",
            lambda of: of(LARGE_RATE, "val_accuracy") < of(LARGE_RATE, "train_accuracy"),
        ),
        _above(
            "more-filters-raise-accuracy", "More filters raise accuracy", MORE_FILTERS, BASELINE
        ),
        _above(
            "more-filters-raise-size",
            "More filters raise size",
            MORE_FILTERS, BASELINE, "checkpoint_bytes",
        ),
        _above(
            "more-filters-raise-time",
            "More filters raise training time",
            MORE_FILTERS, BASELINE, "trained_s",
        ),
        _above(
            "larger-kernels-raise-accuracy",
            "Larger kernels raise accuracy",
            LARGER_KERNELS, BASELINE,
        ),
        _above(
            "larger-kernels-raise-size",
            "Larger kernels raise size",
            LARGER_KERNELS, BASELINE, "checkpoint_bytes",
        ),
        _above(
            "larger-kernels-raise-time",
            "Larger kernels raise training time",
            LARGER_KERNELS, BASELINE, "trained_s",
        ),
        _above(
            "more-dropout-raises-test",
            "Dropout 0.4 ends above the baseline in test accuracy",
            MORE_DROPOUT, BASELINE,
        ),
        _above(
            "more-dropout-lowers-train",
            "Dropout 0.4 ends below the baseline in training accuracy",
            BASELINE, MORE_DROPOUT, "train_accuracy",
        ),
        Finding(
            "small-batch-alike",
            "Batches of 64 end like the baseline, less than a point apart",
            _is_small_batch_alike,
        ),
        _above(
            "small-batch-more-erratic",
            "Batches of 64 are more erratic: validation accuracy moves more between epochs",
            SMALL_BATCH, BASELINE, "accuracy_sd",
        ),
        Finding(
            "ten-epochs-best",
            "Ten epochs end best in test and training accuracy",
            _are_ten_epochs_best,
        ),
        Finding(
            "lenet-closest",
            "LeNet is the standard network closest to the baseline",
            _is_lenet_closest,
        ),
        _above("resnet-below", "ResNet50 stays below the baseline", BASELINE, RESNET),
        _above("densenet-below", "DenseNet121 stays below the baseline", BASELINE, DENSENET),
        _above(
            "densenet-slower", "DenseNet121 is slower than ResNet50", DENSENET, RESNET, "trained_s"
        ),
        _above(
            "densenet-smaller",
            "DenseNet121 is smaller than ResNet50",
            RESNET, DENSENET, "checkpoint_bytes",
        ),
        Finding(
            "sevens-as-nines",
            "A true 7 is taken for a 9 more often with kernel 5 than with more filters",
            lambda of: of.confused(LARGER_KERNELS, 7, 9) > of.confused(MORE_FILTERS, 7, 9),
        ),
        Finding(
            "outliers-to-0-2-8",
            "Images of no digit mostly go to 0, 2 and 8",
            lambda of: of.outlier_share((0, 2, 8)) > MOST,
        ),
        # hidden-channels
        Finding(
            "every-width-at-96",
            "Two epochs end at a test accuracy of 96 % or more with every number of channels",
            lambda of: min(map(of, CHANNELS)) >= MIN_HIDDEN_CHANNELS_ACCURACY,
        ),
        # assessing-four-networks
        Finding(
            "more-data-better",
            "Every network gains with every further quarter of the training images",
            _gains_with_each_quarter,
        ),
        Finding(
            "capsnet-best",
            "CapsNet is the best of the four with every share of the training images",
            _is_capsnet_best,
        ),
        Finding(
            "capsnet-needs-least-data",
            "CapsNet with half of the images is above the others with three quarters",
            _needs_capsnet_least,
        ),
        Finding(
            "densenet-above-resnet-above-cnn",
            "With all images DenseNet is above ResNet, and ResNet above CNN",
            _are_in_order_with_all_images,
        ),
    )
}  # fmt: skip
"""By name, in the order in which their studies tell them."""
