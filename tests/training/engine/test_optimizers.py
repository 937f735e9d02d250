from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor, nn

from mnist_tui.training.engine.optimizers import BUILDERS, build_optimizer, prepare_step
from mnist_tui.training.engine.schedules import learning_rate_at
from mnist_tui.training.parameters.catalog import OPTIMIZERS
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

EPSILON = 1e-7


def parameters_of(**given: Any) -> Hyperparameters:
    return resolve(given, sizes=even_sizes({"digits": 1500}), default_threads=1)


def trajectory(parameters: Hyperparameters, gradients: list[Tensor]) -> Tensor:
    model = nn.Linear(3, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0.5)
    optimizer = build_optimizer(parameters, model)
    for step, gradient in enumerate(gradients):
        prepare_step(optimizer, step, learning_rate_at(parameters, step, len(gradients)))
        model.weight.grad = gradient.clone()
        optimizer.step()
    return model.weight.detach()


def adam(gradients: list[Tensor], rate: float, l2: float, decoupled: float) -> Tensor:
    weight, first, second = torch.full((1, 3), 0.5), torch.zeros(1, 3), torch.zeros(1, 3)
    for step, raw in enumerate(gradients, start=1):
        gradient = raw + l2 * weight
        weight = weight * (1 - rate * decoupled)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        corrected = rate * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
        weight = weight - corrected * first / (second.sqrt() + EPSILON)
    return weight


def sgd(gradients: list[Tensor], rate: float, momentum: float) -> Tensor:
    weight, velocity = torch.full((1, 3), 0.5), torch.zeros(1, 3)
    for gradient in gradients:
        velocity = momentum * velocity + gradient
        weight = weight - rate * velocity
    return weight


def rmsprop(gradients: list[Tensor], rate: float) -> Tensor:
    weight, square = torch.full((1, 3), 0.5), torch.zeros(1, 3)
    for gradient in gradients:
        square = 0.9 * square + 0.1 * gradient**2
        weight = weight - rate * gradient / (square.sqrt() + EPSILON)
    return weight


# The second column is small enough for a wrong epsilon to show.
GRADIENTS = [torch.tensor([[1.0, 1e-7, -0.3]]), torch.tensor([[0.5, 2e-7, 0.1]])] * 3


def test_every_optimizer_of_the_catalog_can_be_built_and_no_other() -> None:
    assert set(BUILDERS) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"optimizer": "adam"}, adam(GRADIENTS, 0.01, 0, 0)),
        ({"optimizer": "adam", "weight_decay": 0.1}, adam(GRADIENTS, 0.01, 0.1, 0)),
        ({"optimizer": "adamw"}, adam(GRADIENTS, 0.01, 0, 0.01)),
        ({"optimizer": "sgd"}, sgd(GRADIENTS, 0.01, 0)),
        ({"optimizer": "sgd", "momentum": 0.9}, sgd(GRADIENTS, 0.01, 0.9)),
        ({"optimizer": "rmsprop"}, rmsprop(GRADIENTS, 0.01)),
    ],
    ids=["adam", "adam with decay", "adamw", "sgd", "sgd with momentum", "rmsprop"],
)
def test_each_optimizer_follows_its_published_rule(given: dict[str, Any], expected: Tensor) -> None:
    actual = trajectory(parameters_of(learning_rate=0.01, **given), GRADIENTS)
    torch.testing.assert_close(actual, expected, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("optimizer", "by_keras"),
    [
        ("adam", [0.44283053, 0.49555647, 0.53449810]),
        ("adamw", [0.44254503, 0.49525738, 0.53418815]),
    ],
)
def test_adam_ends_where_that_of_keras_3_15_does(optimizer: str, by_keras: list[float]) -> None:
    actual = trajectory(parameters_of(learning_rate=0.01, optimizer=optimizer), GRADIENTS)
    torch.testing.assert_close(actual, torch.tensor([by_keras]), rtol=2e-6, atol=0)


def test_the_learning_rate_is_set_for_the_step_it_is_given_for() -> None:
    parameters = parameters_of(optimizer="sgd", learning_rate=0.25)
    model = nn.Linear(1, 1, bias=False)
    optimizer = build_optimizer(parameters, model)
    prepare_step(optimizer, 0, 0.5)
    before = model.weight.detach().clone()
    model.weight.grad = torch.ones(1, 1)
    optimizer.step()
    torch.testing.assert_close(model.weight.detach(), before - 0.5)
