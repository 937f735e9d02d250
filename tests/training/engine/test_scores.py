"""Sums over batches come to the means over images, for any number of classes."""

from __future__ import annotations

import weakref

import pytest
import torch
from torch.nn import functional

from mnist_tui.training.engine.scores import MAX_WAITING, ScoreSums


@pytest.mark.parametrize("num_classes", [2, 10, 47])
def test_they_are_the_means_over_all_images_and_classes(num_classes: int) -> None:
    generator = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn(100, num_classes, generator=generator)
    labels = torch.randint(num_classes, (100,), generator=generator)
    sums = ScoreSums(torch.device("cpu"), num_classes)
    for start, stop in ((0, 64), (64, 100)):
        sums.add(logits[start:stop], labels[start:stop])
    scores = sums.means()
    one_hot = functional.one_hot(labels, num_classes)
    squared = (logits.softmax(dim=1) - one_hot) ** 2
    assert scores.loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert scores.accuracy == pytest.approx((logits.argmax(dim=1) == labels).double().mean().item())
    assert scores.mse == pytest.approx(squared.mean().item(), rel=1e-5)


def test_what_is_not_finite_is_unknown() -> None:
    sums = ScoreSums(torch.device("cpu"), 3)
    sums.add(torch.tensor([[float("nan"), 0.0, 0.0]]), torch.tensor([1]))
    assert sums.means().loss is None
    assert sums.means().mse is None


def test_when_they_are_read_changes_nothing() -> None:
    generator = torch.Generator().manual_seed(2)
    batches = [
        (torch.randn(7, 10, generator=generator), torch.randint(10, (7,), generator=generator))
        for _ in range(2 * MAX_WAITING + 3)
    ]
    read_late, read_often = (ScoreSums(torch.device("cpu"), 10) for _ in range(2))
    for number, batch in enumerate(batches):
        read_late.add(*batch)
        read_often.add(*batch)
        if number % 5 == 0:
            assert read_often.sums[0] > 0
    assert torch.equal(read_late.sums, read_often.sums)
    assert read_late.means() == read_often.means()


def test_they_hold_on_to_nothing_that_was_computed() -> None:
    sums = ScoreSums(torch.device("cpu"), 3)
    sums.add(torch.zeros(4, 3, requires_grad=True), torch.zeros(4, dtype=torch.int64))
    assert not sums.sums.requires_grad


def test_what_waits_is_cleared_with_the_rest() -> None:
    sums = ScoreSums(torch.device("cpu"), 3)
    sums.add(torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64))
    sums.clear()
    assert sums.sums.tolist() == [0.0, 0.0, 0.0]
    assert sums.num_images == 0


def test_no_more_than_a_few_batches_are_held() -> None:
    sums = ScoreSums(torch.device("cpu"), 3)
    held = []
    for _ in range(MAX_WAITING + 1):
        logits = torch.zeros(4, 3)
        held.append(weakref.ref(logits))
        sums.add(logits, torch.zeros(4, dtype=torch.int64))
    del logits
    assert [one() is not None for one in held] == [False] * MAX_WAITING + [True]
