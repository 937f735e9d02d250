from __future__ import annotations

import numpy as np
import torch

from mnist_tui.training.engine.augmentation import MAX_SHIFT, augment, draw, shift, shifts
from mnist_tui.training.engine.sampling import epoch_order
from tests.training.worlds import small_parameters


def images(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(1, 256, (count, 28, 28), dtype=torch.uint8, generator=generator)


def test_each_image_moves_by_its_own_offset_and_the_rest_is_black() -> None:
    before = images(25)
    offsets = torch.cartesian_prod(torch.arange(5), torch.arange(5))
    after = shift(before, offsets)
    assert after.shape == before.shape
    assert after.dtype == torch.uint8
    for image, moved, (down, right) in zip(before, after, (offsets - 2).tolist(), strict=True):
        expected = np.zeros((28 + 8, 28 + 8), dtype=np.uint8)
        expected[4 + down : 32 + down, 4 + right : 32 + right] = image.numpy()
        assert np.array_equal(moved.numpy(), expected[4:32, 4:32])


def test_the_original_images_are_left_alone() -> None:
    before = images(8)
    copy = before.clone()
    augment(before, draw(small_parameters(augmentation="shift"), 1, 8))
    assert torch.equal(before, copy)


def test_offsets_depend_on_seed_and_step_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = shifts(7, 12, 64)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(shifts(7, 12, 64), first)
    assert not torch.equal(shifts(7, 13, 64), first)
    assert not torch.equal(shifts(8, 12, 64), first)


def test_a_smaller_batch_is_the_beginning_of_a_larger_one() -> None:
    assert torch.equal(shifts(7, 12, 64)[:10], shifts(7, 12, 10))


def test_every_offset_is_as_likely_as_any_other() -> None:
    offsets = torch.cat([shifts(0, step, 100) for step in range(500)])
    assert offsets.min() == 0
    assert offsets.max() == 2 * MAX_SHIFT
    counts = torch.bincount(offsets[:, 0] * 5 + offsets[:, 1], minlength=25)
    assert ((counts - 2_000).abs() < 250).all()


def test_the_numbers_are_not_those_that_order_the_images() -> None:
    ranks = epoch_order(5, 3, 64).argsort()
    assert not np.array_equal(ranks % 5, shifts(5, 3, 64)[:, 0].numpy())
    philox = np.random.Philox(key=np.array([5, 3], dtype=np.uint64))
    assert not np.array_equal(philox.random_raw((64, 2)) % 5, shifts(5, 3, 64).numpy())


def test_without_augmentation_a_batch_is_what_it_was() -> None:
    before = images(4)
    assert augment(before, draw(small_parameters(), 3, 4)) is before
