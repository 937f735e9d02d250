from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from mnist_tui.training.engine.initialization import INITIALIZERS, OWN, initialize
from mnist_tui.training.models import build_model
from mnist_tui.training.parameters.hyperparameters import FIELDS, Hyperparameters


def build(initialization: str, seed: int) -> nn.Module:
    parameters = Hyperparameters(
        model="cnn", filters=(32, 64), kernel_size=(3,), dense_units=128, dropout=0.5
    )
    model = build_model(parameters)
    initialize(model, initialization, seed)
    return model


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def test_every_initialization_there_is_to_choose_exists() -> None:
    assert {*INITIALIZERS, OWN} == set(FIELDS["initialization"].choices)


def test_keras_draws_glorot_uniform_weights_and_zero_biases() -> None:
    model = build("keras", 0)
    # Keras: fan in = kernel area × channels in, fan out = kernel area × channels out.
    fans = {
        "conv1": (9 * 1, 9 * 32),
        "conv2": (9 * 32, 9 * 64),
        "dense1": (1600, 128),
        "dense2": (128, 10),
    }
    for name, (fan_in, fan_out) in fans.items():
        limit = math.sqrt(6 / (fan_in + fan_out))
        weight = model.get_parameter(f"{name}.weight").detach()
        assert weight.abs().max() <= limit
        assert weight.abs().max() > 0.95 * limit
        # The deviation of a uniform distribution; the tolerance is for 288 weights.
        assert weight.std() == pytest.approx(limit / math.sqrt(3), rel=0.12)
        assert not model.get_parameter(f"{name}.bias").any()


def test_torch_draws_what_torch_draws_by_default() -> None:
    model = build("torch", 7)
    torch.manual_seed(7)
    for name in ("conv1", "conv2", "dense1", "dense2"):
        layer = model.get_submodule(name)
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        expected = (
            nn.Conv2d(layer.in_channels, layer.out_channels, 3)
            if isinstance(layer, nn.Conv2d)
            else nn.Linear(layer.in_features, layer.out_features)
        )
        for one, other in zip(layer.parameters(), expected.parameters(), strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize("initialization", INITIALIZERS)
def test_weights_depend_on_the_seed_alone(initialization: str) -> None:
    first = weights(build(initialization, 3))
    torch.manual_seed(12345)
    torch.rand(100)
    assert torch.equal(weights(build(initialization, 3)), first)
    assert not torch.equal(weights(build(initialization, 4)), first)


@pytest.mark.parametrize("initialization", INITIALIZERS)
def test_initializing_leaves_the_random_state_as_it_was(initialization: str) -> None:
    parameters = Hyperparameters(model="lenet", activation="tanh")
    model = build_model(parameters)
    before = torch.get_rng_state()
    initialize(model, initialization, 0)
    assert torch.equal(torch.get_rng_state(), before)
