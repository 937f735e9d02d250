"""Whether a model is as often right as it says: the expected calibration error.

Guo et al. 2017, On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUM_BINS = 15


def calibration_error(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], num_bins: int = NUM_BINS
) -> float:
    """Return the gap between confidence and accuracy, averaged over bins by their images, 0..1.

    The bins ((m − 1) / M, m / M] have equal width; confidence is the largest probability.

    Args:
        probabilities: (N, C), each row sums to 1.
        labels: (N,), the true classes.
        num_bins: M.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == labels
    edges = np.arange(1, num_bins) / num_bins
    bins = np.searchsorted(edges, confidences, side="left")
    gaps = np.bincount(bins, weights=confidences - is_right, minlength=num_bins)
    return float(np.abs(gaps).sum() / len(labels))
