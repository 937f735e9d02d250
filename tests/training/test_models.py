from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from tests.sizes import even_sizes
from training.catalog import CNN_LARGEST_KERNEL, MODELS
from training.models import BUILDERS, build_model
from training.parameters import Hyperparameters, resolve


def parameters_of(**given: Any) -> Hyperparameters:
    return resolve(given, sizes=even_sizes({"digits": 1500}), default_threads=1)


def count(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def test_every_model_of_the_catalog_can_be_built_and_no_other() -> None:
    assert set(BUILDERS) == set(MODELS)


@pytest.mark.parametrize(
    ("model", "expected"), [("cnn", 225_034), ("bn-cnn", 29_178), ("lenet", 44_426)]
)
def test_the_published_number_of_parameters(model: str, expected: int) -> None:
    assert count(build_model(parameters_of(model=model))) == expected


@pytest.mark.parametrize("model", MODELS)
def test_images_become_ten_logits(model: str) -> None:
    logits = build_model(parameters_of(model=model))(torch.zeros(5, 1, 28, 28))
    assert logits.shape == (5, 10)
    assert logits.dtype == torch.float32


@pytest.mark.parametrize("kernel_size", range(1, CNN_LARGEST_KERNEL + 1))
def test_the_cnn_takes_every_kernel_it_says_it_takes(kernel_size: int) -> None:
    model = build_model(parameters_of(model="cnn", kernel_size=kernel_size, filters="3-5"))
    assert model(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_cnn_follows_its_options() -> None:
    model = build_model(
        parameters_of(model="cnn", filters="4-6", kernel_size=5, dense_units=7, dropout=0.25)
    )
    expected = (4 * 25 + 4) + (4 * 6 * 25 + 6) + (6 * 4 * 4 * 7 + 7) + (7 * 10 + 10)
    assert count(model) == expected
    assert [part.p for part in model.modules() if isinstance(part, nn.Dropout)] == [0.25]


def test_the_network_with_batch_normalization_follows_its_options() -> None:
    model = build_model(parameters_of(model="bn-cnn", filters="2-3-4", dropout=0.1))
    expected = 2 * 9 + 4 + 2 * 3 * 9 + 6 + 3 * 4 * 9 + 8 + 4 * 9 * 10 + 10
    assert count(model) == expected
    kinds = [type(part) for part in model.children()]
    assert kinds[:4] * 3 == kinds[:12] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d] * 3
    assert [part.p for part in model.modules() if isinstance(part, nn.Dropout)] == [0.1]


def test_dropout_comes_right_before_the_last_layer() -> None:
    kinds = [type(part) for part in build_model(parameters_of(model="cnn")).children()]
    assert kinds[-3:] == [nn.ReLU, nn.Dropout, nn.Linear]
