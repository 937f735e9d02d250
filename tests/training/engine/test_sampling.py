from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.training.engine.sampling import epoch_order

seeds = st.integers(0, 2**31 - 1)
epochs = st.integers(0, 100_000)


@given(seeds, epochs, st.integers(1, 300))
def test_each_epoch_shows_every_image_once(seed: int, epoch: int, num_images: int) -> None:
    order = epoch_order(seed, epoch, num_images)
    assert order.shape == (num_images,)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(num_images))


@given(seeds, epochs)
def test_the_order_is_a_function_of_seed_and_epoch(seed: int, epoch: int) -> None:
    order = epoch_order(seed, epoch, 100)
    np.random.default_rng(0).random(5)
    assert np.array_equal(epoch_order(seed, epoch, 100), order)
    assert not np.array_equal(epoch_order(seed, epoch + 1, 100), order)
    assert not np.array_equal(epoch_order(seed + 1, epoch, 100), order)


def test_the_order_is_the_same_on_every_machine_and_in_every_release() -> None:
    assert epoch_order(0, 0, 10).tolist() == [0, 2, 9, 1, 8, 5, 4, 3, 6, 7]
    assert epoch_order(7, 3, 10).tolist() == [2, 5, 9, 7, 3, 0, 6, 8, 4, 1]


def test_no_image_keeps_to_one_part_of_the_epoch() -> None:
    places = np.array([np.argsort(epoch_order(5, epoch, 100)) for epoch in range(200)])
    # The mean place of each image; its deviation is 28.9 / sqrt(200) = 2.
    assert np.abs(places.mean(axis=0) - 49.5).max() < 10
