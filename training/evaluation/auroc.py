"""How well a score tells outliers from digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auroc(known: NDArray[np.float64], outliers: NDArray[np.float64]) -> float | None:
    """Return the area under the ROC curve; None where there is nothing on one side.

    It is the chance that a known image scores higher than an outlier, a tie counting half: 1 tells
    them apart, 0.5 is chance.
    Source: Hendrycks, Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks"; by the rank sum of Mann, Whitney 1947.

    Args:
        known: Scores of images as the model was trained on, (N,).
        outliers: Scores of others, (M,).
    """
    if not len(known) or not len(outliers):
        return None
    scores = np.concatenate([known, outliers])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    rank_sum = float(ranks[: len(known)].sum())
    return (rank_sum - len(known) * (len(known) + 1) / 2) / (len(known) * len(outliers))
