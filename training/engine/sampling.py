"""The order of the training images: a function of the seed and the epoch, with no state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def epoch_order(seed: int, epoch: int, num_images: int) -> NDArray[np.int64]:
    """Return a permutation of `num_images` indices, (num_images,) int64, for epoch 0, 1, ….

    The images are sorted by random numbers of Philox (Salmon et al. 2011, "Parallel random numbers:
    as easy as 1, 2, 3"), whose stream numpy keeps the same in every release, as it does not for
    `Generator.permutation`.
    """
    keys = np.random.Philox(key=np.array([seed, epoch], dtype=np.uint64)).random_raw(num_images)
    return np.argsort(keys, kind="stable").astype(np.int64, copy=False)
