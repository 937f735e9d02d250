"""The scores of each class, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from mnist_tui.training.analysis.class_scores import ClassScores, class_scores


@pytest.mark.parametrize("seed", range(5))
def test_they_equal_those_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, 200)
    predicted = np.where(random.random(200) < 0.7, labels, random.integers(0, 10, 200))
    confusion = confusion_matrix(labels, predicted, labels=range(10))
    found = class_scores(confusion.tolist())
    expected = precision_recall_fscore_support(labels, predicted, labels=range(10))
    figures = np.array([each[:3] for each in found])
    assert np.allclose(figures.T, expected[:3])
    assert [each.support for each in found] == expected[3].tolist()


def test_what_cannot_be_divided_is_unknown() -> None:
    never_there_nor_predicted = [[3, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert class_scores(never_there_nor_predicted)[2] == ClassScores(None, None, None, 0)
    never_predicted = [[3, 0], [2, 0]]
    assert class_scores(never_predicted)[1] == ClassScores(None, 0.0, 0.0, 2)
    never_there = [[3, 1], [0, 0]]
    assert class_scores(never_there)[1] == ClassScores(0.0, None, 0.0, 0)
