"""Capsules: routing against the paper's procedure written out in loops, and the loss by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from mnist_tui.training.engine.forward_pass import logits_and_loss
from mnist_tui.training.models import build_model
from mnist_tui.training.models.capsnet import (
    NUM_ROUTINGS,
    CapsNet,
    lengths_of,
    logits_of,
    margin_loss,
    route,
    squash,
)
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes


@pytest.fixture(scope="module")
def network() -> CapsNet:
    """A small one: 16 filters, four primary capsules at each of 4×4 places."""
    given = {"model": "capsnet", "filters": "16-32", "kernel_size": "9-13"}
    parameters = resolve(given, sizes=even_sizes({"digits": 1_500}), default_threads=1)
    torch.manual_seed(3)
    model = build_model(parameters)
    assert isinstance(model, CapsNet)
    model.digits.initialize(torch.default_generator)
    return model


def squashed(vector: list[float]) -> list[float]:
    squared = sum(value * value for value in vector)
    return [squared / (1 + squared) * value / math.sqrt(squared) for value in vector]


def routed(predictions: list[list[list[float]]], num_routings: int) -> list[list[float]]:
    """Procedure 1 for one image: predictions[i][j] is what capsule i says of class j."""
    num_primary, num_classes = len(predictions), len(predictions[0])
    b = [[0.0] * num_classes for _ in range(num_primary)]
    v: list[list[float]] = []
    for _ in range(num_routings):
        c = [[math.exp(x) / sum(map(math.exp, row)) for x in row] for row in b]
        v = []
        for j in range(num_classes):
            said = [[c[i][j] * x for x in predictions[i][j]] for i in range(num_primary)]
            v.append(squashed([sum(values) for values in zip(*said, strict=True)]))
        for i in range(num_primary):
            for j in range(num_classes):
                b[i][j] += sum(x * y for x, y in zip(predictions[i][j], v[j], strict=True))
    return v


@pytest.mark.parametrize("num_routings", [1, 2, NUM_ROUTINGS])
def test_routing_is_the_procedure_of_the_paper(num_routings: int) -> None:
    generator = torch.Generator().manual_seed(1)
    primary = torch.randn(2, 7, 3, generator=generator)
    weight = torch.randn(4, 7, 3, 5, generator=generator)
    predictions = torch.einsum("npi,cpiv->npcv", primary, weight)
    capsules = route(primary, weight, num_routings)
    for image in range(2):
        expected = torch.tensor(routed(predictions[image].tolist(), num_routings))
        assert torch.allclose(capsules[image], expected, atol=1e-5)


def test_routing_lets_the_capsules_that_agree_decide() -> None:
    agreed, alone = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 3.0])
    votes = torch.stack([agreed, agreed, agreed, alone])
    weight = torch.stack([votes, torch.zeros(4, 2)]).unsqueeze(2)
    primary = torch.ones(1, 4, 1)
    before, after = route(primary, weight, 1)[0, 0], route(primary, weight, 3)[0, 0]
    assert after[0] / after[1] > before[0] / before[1] > 1
    assert lengths_of(after) > lengths_of(before)


def test_squashing_keeps_the_direction_and_makes_lengths_below_one() -> None:
    vectors = torch.tensor([[3.0, 4.0], [0.003, 0.004], [300.0, 400.0]])
    lengths = squash(vectors).norm(dim=1)
    assert lengths.tolist() == pytest.approx([25 / 26, 2.5e-5, 1.0], abs=1e-5)
    assert torch.allclose(functional.normalize(squash(vectors)), functional.normalize(vectors))


def test_a_vector_of_zeros_has_a_gradient() -> None:
    zeros = torch.zeros(1, 2, requires_grad=True)
    lengths_of(squash(zeros)).sum().backward()  # type: ignore[no-untyped-call]
    assert zeros.grad is not None
    assert torch.isfinite(zeros.grad).all()


def test_the_margin_loss_by_hand() -> None:
    lengths = torch.tensor([[0.95, 0.05, 0.4], [0.3, 0.1, 0.7]])
    labels = torch.tensor([0, 2])
    first = 0.5 * (0.4 - 0.1) ** 2
    second = (0.9 - 0.7) ** 2 + 0.5 * (0.3 - 0.1) ** 2
    assert margin_loss(lengths, labels).item() == pytest.approx((first + second) / 2)


def test_probabilities_are_proportional_to_the_odds_of_each_class() -> None:
    capsules = torch.tensor([[[0.9, 0.0], [0.0, 0.1], [0.3, 0.4]]])
    odds = [0.9 / 0.1, 0.1 / 0.9, 0.5 / 0.5]
    expected = [one / sum(odds) for one in odds]
    assert logits_of(capsules).softmax(dim=1)[0].tolist() == pytest.approx(expected, rel=1e-4)


def test_the_loss_is_margin_plus_what_the_decoder_misses(network: CapsNet) -> None:
    images, labels = torch.rand(3, 1, 28, 28), torch.tensor([1, 7, 9])
    logits, loss = logits_and_loss(network, images, labels)
    capsules = network.capsules(images)
    true_alone = torch.zeros_like(capsules)
    for number, label in enumerate(labels.tolist()):
        true_alone[number, label] = capsules[number, label]
    pixels = network.decoder(true_alone.flatten(1))
    missed = sum((pixels[number] - images[number].flatten()).square().sum() for number in range(3))
    expected = margin_loss(lengths_of(capsules), labels) + 0.0005 * missed / 3
    assert torch.allclose(loss, expected)
    assert torch.equal(logits, network(images))


def test_a_primary_capsule_is_eight_maps_at_one_place(network: CapsNet) -> None:
    seen = []
    hook = network.digits.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    images = torch.rand(2, 1, 28, 28)
    with hook, torch.inference_mode():
        network(images)
        maps = network.primary(network.relu1(network.conv1(images)))
    (primary,) = seen
    assert primary.shape == (2, 4 * 4 * 4, 8)
    # Capsule kind 1 at row 2, column 3.
    assert torch.allclose(primary[1, 16 + 2 * 4 + 3], squash(maps[1, 8:16, 2, 3]))


def test_all_weights_learn_from_the_loss(network: CapsNet) -> None:
    network.zero_grad()
    _, loss = logits_and_loss(network, torch.rand(4, 1, 28, 28), torch.tensor([0, 3, 3, 8]))
    loss.backward()  # type: ignore[no-untyped-call]
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_few_images_are_soon_known_by_heart(network: CapsNet) -> None:
    generator = torch.Generator().manual_seed(0)
    images = (torch.rand(10, 1, 28, 28, generator=generator) > 0.8).float()
    labels = torch.arange(10)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    for _ in range(30):
        optimizer.zero_grad()
        _, loss = logits_and_loss(network, images, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert torch.equal(network(images).argmax(dim=1), labels)
