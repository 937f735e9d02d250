"""Rows of training as one point per epoch."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_tui.training.analysis.curve_figures import epoch_means
from tests.training.comparisons import NAN, columns


def test_an_epoch_is_the_mean_of_its_rows_weighted_by_their_batches() -> None:
    # 4, 4 and 2 of the 10 batches: (4·1.0 + 4·0.5 + 2·0.25) / 10
    means = epoch_means(columns([0.4, 0.8, 1.0], [1.0, 0.5, 0.25], [0.0, 0.5, 1.0]))
    assert means.epoch.tolist() == [1.0]
    assert means.loss.tolist() == pytest.approx([0.65])
    assert means.accuracy.tolist() == pytest.approx([0.4])
    assert means.time.tolist() == [1005.0]
    assert means.step.tolist() == [10]


def test_epochs_do_not_mix() -> None:
    means = epoch_means(columns([0.5, 1.0, 1.5, 2.0], [4.0, 2.0, 2.0, 1.0]))
    assert means.epoch.tolist() == [1.0, 2.0]
    assert means.loss.tolist() == [3.0, 1.5]


def test_an_epoch_under_way_is_no_point_yet() -> None:
    assert epoch_means(columns([0.5, 1.0, 1.5], [4.0, 2.0, 9.0])).loss.tolist() == [3.0]
    assert len(epoch_means(columns([0.5], [4.0])).loss) == 0


def test_a_row_without_a_number_is_left_out_and_an_epoch_of_them_has_none() -> None:
    means = epoch_means(columns([0.5, 1.0, 1.5, 2.0], [4.0, NAN, NAN, NAN]))
    assert means.loss[0] == 4.0
    assert np.isnan(means.loss[1])


def test_nothing_measured_gives_no_points() -> None:
    assert len(epoch_means(columns()).step) == 0
