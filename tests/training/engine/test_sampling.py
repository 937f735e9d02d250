from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.training.engine.sampling import MAX_SHIFT, augment, draw_offsets, epoch_order
from tests.training.worlds import small_parameters

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


def images(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(1, 256, (count, 28, 28), dtype=torch.uint8, generator=generator)


def offsets_of(seed: int, step: int, num_images: int) -> torch.Tensor:
    parameters = small_parameters(augmentation="shift", seed=seed)
    offsets = draw_offsets(parameters, step, num_images)
    assert offsets is not None
    return offsets


def test_each_image_moves_by_its_own_offset_and_the_rest_is_black() -> None:
    before = images(25)
    offsets = torch.cartesian_prod(torch.arange(5), torch.arange(5))
    after = augment(before, offsets)
    assert after.shape == before.shape
    assert after.dtype == torch.uint8
    for image, moved, (down, right) in zip(before, after, (offsets - 2).tolist(), strict=True):
        expected = np.zeros((28 + 8, 28 + 8), dtype=np.uint8)
        expected[4 + down : 32 + down, 4 + right : 32 + right] = image.numpy()
        assert np.array_equal(moved.numpy(), expected[4:32, 4:32])


def test_the_original_images_are_left_alone() -> None:
    before = images(8)
    copy = before.clone()
    augment(before, offsets_of(0, 1, 8))
    assert torch.equal(before, copy)


def test_offsets_depend_on_seed_and_step_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = offsets_of(7, 12, 64)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(offsets_of(7, 12, 64), first)
    assert not torch.equal(offsets_of(7, 13, 64), first)
    assert not torch.equal(offsets_of(8, 12, 64), first)


def test_a_smaller_batch_is_the_beginning_of_a_larger_one() -> None:
    assert torch.equal(offsets_of(7, 12, 64)[:10], offsets_of(7, 12, 10))


def test_every_offset_is_as_likely_as_any_other() -> None:
    offsets = torch.cat([offsets_of(0, step, 100) for step in range(500)])
    assert offsets.min() == 0
    assert offsets.max() == 2 * MAX_SHIFT
    counts = torch.bincount(offsets[:, 0] * 5 + offsets[:, 1], minlength=25)
    assert ((counts - 2_000).abs() < 250).all()


def test_the_numbers_are_not_those_that_order_the_images() -> None:
    ranks = epoch_order(5, 3, 64).argsort()
    assert not np.array_equal(ranks % 5, offsets_of(5, 3, 64)[:, 0].numpy())
    philox = np.random.Philox(key=np.array([5, 3], dtype=np.uint64))
    assert not np.array_equal(philox.random_raw((64, 2)) % 5, offsets_of(5, 3, 64).numpy())


def test_without_augmentation_a_batch_is_what_it_was() -> None:
    before = images(4)
    assert augment(before, draw_offsets(small_parameters(), 3, 4)) is before
