"""The expected calibration error of cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_tui.training.evaluation.evaluation_results import calibration_error


def answers_of(*confidences: float) -> np.ndarray:
    """Two-class answers for class 0 with these confidences."""
    first = np.array(confidences, dtype=np.float32)
    return np.stack([first, 1 - first], axis=1)


def test_it_is_the_gap_of_each_bin_weighed_by_its_images() -> None:
    # Bins of 15: 0.61 and 0.65 lie in (0.6, 0.667], 0.95 and 0.99 in (0.933, 1].
    probabilities = answers_of(0.61, 0.65, 0.95, 0.99)
    labels = np.array([0, 1, 0, 0], dtype=np.uint8)
    low = abs(0.5 - (0.61 + 0.65) / 2)
    high = abs(1.0 - (0.95 + 0.99) / 2)
    assert calibration_error(probabilities, labels) == pytest.approx((2 * low + 2 * high) / 4)


def test_gaps_inside_a_bin_cancel_and_those_of_different_bins_do_not() -> None:
    labels = np.array([0, 1], dtype=np.uint8)
    assert calibration_error(answers_of(0.5, 0.5), labels, num_bins=2) == 0
    probabilities = answers_of(0.75, 0.75)
    assert calibration_error(probabilities, labels, num_bins=2) == pytest.approx(0.25)
    assert calibration_error(answers_of(0.7, 0.9), labels, num_bins=5) == pytest.approx(0.6)


def test_a_bin_ends_with_its_upper_edge_and_certainty_has_a_bin() -> None:
    labels = np.array([0, 1], dtype=np.uint8)
    # 0.75 ends the third of four bins, 1.0 the fourth: their gaps do not cancel.
    assert calibration_error(answers_of(0.75, 1.0), labels, num_bins=4) == pytest.approx(0.625)
    both_in_one = calibration_error(answers_of(0.76, 1.0), labels, num_bins=4)
    assert both_in_one == pytest.approx(0.38)
    assert calibration_error(answers_of(1.0, 1.0), np.zeros(2, dtype=np.uint8)) == 0
