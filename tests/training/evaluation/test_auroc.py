"""Figures of the outlier test."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mnist_tui.training.analysis.agreement import agreements, alike
from mnist_tui.training.evaluation.outlier_scores import auroc


@pytest.mark.parametrize("decimals", [1, 8])
def test_the_area_is_that_of_scikit_learn(decimals: int) -> None:
    chance = np.random.default_rng(0)
    known = chance.normal(1, 1, 200).round(decimals)
    outliers = chance.normal(0, 1, 31).round(decimals)
    truth = np.repeat([1, 0], [len(known), len(outliers)])
    expected = roc_auc_score(truth, np.concatenate([known, outliers]))
    assert auroc(known, outliers) == pytest.approx(expected, abs=1e-12)


def test_the_area_says_apart_chance_and_nothing() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([1.0])) == 1
    assert auroc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5
    assert auroc(np.array([]), np.array([1.0])) is None
    assert auroc(np.array([1.0]), np.array([])) is None


def test_answers_are_the_same_or_not() -> None:
    first, second = agreements([[3, 5], [3, 8], [3, 5]])
    assert (first.answers, first.is_same) == ((3, 3, 3), True)
    assert (second.answers, second.is_same) == ((5, 8, 5), False)


def test_sessions_that_differ_in_their_seed_alone_belong_together() -> None:
    stored: dict[int, dict[str, object]] = {
        7: {"model": "cnn", "filters": [32, 64], "seed": 0},
        8: {"model": "lenet", "filters": None, "seed": 0},
        9: {"model": "cnn", "filters": [32, 64], "seed": 1},
    }
    assert alike(stored) == [[7, 9], [8]]
