from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.worker.model_summary import summarize
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def parameters_of(**given: Any) -> Hyperparameters:
    return resolve(given, sizes=even_sizes({"digits": 1500}), default_threads=1)


def test_the_layers_of_lenet_with_shape_and_size() -> None:
    summary = summarize(parameters_of(model="lenet"), 10)
    assert summary["num_parameters"] == 44_426
    layers = [tuple(layer.values()) for layer in summary["layers"]]
    assert layers == [
        ("conv1", "Conv2d", [6, 24, 24], 156),
        ("tanh1", "Tanh", [6, 24, 24], 0),
        ("pool1", "MaxPool2d", [6, 12, 12], 0),
        ("conv2", "Conv2d", [16, 8, 8], 2416),
        ("tanh2", "Tanh", [16, 8, 8], 0),
        ("pool2", "MaxPool2d", [16, 4, 4], 0),
        ("flatten", "Flatten", [256], 0),
        ("dense1", "Linear", [120], 30_840),
        ("tanh3", "Tanh", [120], 0),
        ("dense2", "Linear", [84], 10_164),
        ("tanh4", "Tanh", [84], 0),
        ("dense3", "Linear", [10], 850),
    ]
    assert list(summary["layers"][0]) == ["name", "kind", "shape", "num_parameters"]


@pytest.mark.parametrize("model", MODELS)
def test_the_layers_add_up(model: str) -> None:
    summary = summarize(parameters_of(model=model), 10)
    assert sum(layer["num_parameters"] for layer in summary["layers"]) == summary["num_parameters"]


def test_a_network_too_large_for_memory_can_be_summarized() -> None:
    summary = summarize(parameters_of(filters="1024-1024", dense_units=16_384), 10)
    assert summary["num_parameters"] > 400_000_000
