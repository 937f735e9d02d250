from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from mnist_tui.training.models import BUILDERS, build_model
from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.hyperparameters import (
    FIELDS,
    Hyperparameters,
    ParameterError,
    from_plain,
    to_plain,
)
from mnist_tui.training.parameters.model_options import (
    CAPSNET_LARGEST_KERNEL,
    UNPADDED_LARGEST_KERNEL,
)
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

SIZES = even_sizes({"digits": 1_500, "emnist-letters": 2_600})


def parameters_of(**given: Any) -> Hyperparameters:
    return resolve(given, sizes=SIZES, default_threads=1)


def refusal(**given: Any) -> str:
    with pytest.raises(ParameterError) as error:
        parameters_of(**given)
    return str(error.value)


def count(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def dropped(model: nn.Module) -> list[tuple[type[nn.Module], float]]:
    kinds = (nn.Dropout, nn.Dropout2d)
    return [(type(part), part.p) for part in model.modules() if isinstance(part, kinds)]


def test_every_model_of_the_catalog_can_be_built_and_no_other() -> None:
    assert set(BUILDERS) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_the_number_of_parameters_is_the_one_that_is_published(model: str) -> None:
    assert count(build_model(parameters_of(model=model))) == MODELS[model].num_parameters


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (241_546, {"model": "cnn3"}),
        (44_426, {"model": "lenet"}),
        (225_034, {"model": "cnn"}),
        (495_498, {"model": "mnistnet", "filters": "32-64-64-64"}),
        (225_418, {"model": "mnistnet", "filters": "16-32-32-32"}),
        (980_490, {"model": "fashion-cnn", "filters": "32-64-128-256"}),
        (17_632, {"model": "hidden-channels", "hidden_channels": 2}),
        (19_210, {"model": "hidden-channels", "hidden_channels": 5}),
        (21_840, {"model": "hidden-channels", "hidden_channels": 10}),
        (27_100, {"model": "hidden-channels", "hidden_channels": 20}),
        (33_412, {"model": "hidden-channels", "hidden_channels": 32}),
        (25_616_458, {"model": "resnet50"}),
        (8_013_706, {"model": "densenet121"}),
        (8_215_568, {"model": "capsnet"}),
    ],
)
def test_the_five_systems_and_the_papers_state_these_numbers(
    expected: int, given: dict[str, Any]
) -> None:
    assert count(build_model(parameters_of(**given))) == expected


@pytest.mark.parametrize(("given", "kind"), [({}, nn.Tanh), ({"activation": "relu"}, nn.ReLU)])
def test_lenet_has_the_activation_that_is_asked_for(
    given: dict[str, Any], kind: type[nn.Module]
) -> None:
    parts = build_model(parameters_of(model="lenet", **given)).children()
    assert [type(part) for part in parts].count(kind) == 4


def test_a_stored_lenet_of_before_has_relu_for_ever() -> None:
    plain = to_plain(parameters_of(model="lenet"))
    del plain["activation"]
    assert from_plain(plain).activation == "relu"
    assert from_plain(to_plain(parameters_of(model="lenet"))).activation == "tanh"
    assert from_plain(to_plain(parameters_of(model="cnn"))).activation is None


@pytest.mark.parametrize("model", MODELS)
def test_images_become_one_logit_for_each_class_of_the_dataset(model: str) -> None:
    letters = parameters_of(model=model, dataset="emnist-letters")
    for parameters, num_classes in ((parameters_of(model=model), 10), (letters, 26)):
        logits = build_model(parameters, num_classes).eval()(torch.zeros(5, 1, 28, 28))
        assert logits.shape == (5, num_classes)
        assert logits.dtype == torch.float32


@pytest.mark.parametrize("kernel_size", range(1, UNPADDED_LARGEST_KERNEL + 1))
@pytest.mark.parametrize("model", ["cnn", "hidden-channels"])
def test_unpadded_networks_take_every_kernel_they_say_they_take(
    model: str, kernel_size: int
) -> None:
    network = build_model(parameters_of(model=model, kernel_size=kernel_size))
    assert network(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 28])
@pytest.mark.parametrize("model", ["cnn3", "mnistnet", "fashion-cnn", "chen-cnn"])
def test_padded_networks_take_every_kernel(model: str, kernel_size: int) -> None:
    parameters = parameters_of(model=model, kernel_size=kernel_size, filters=2, dense_units=3)
    assert build_model(parameters)(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


@pytest.mark.parametrize("kernel_size", [1, CAPSNET_LARGEST_KERNEL, "9-20", "20-9"])
def test_capsnet_takes_every_kernel_that_leaves_a_pixel(kernel_size: int | str) -> None:
    parameters = parameters_of(model="capsnet", filters=8, kernel_size=kernel_size)
    assert build_model(parameters)(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_an_even_kernel_sees_one_pixel_more_at_the_right_and_below() -> None:
    model = build_model(parameters_of(model="cnn3", kernel_size=2, filters=1))
    assert isinstance(model, nn.Sequential)
    pad, convolution = model[0], model[1]
    assert isinstance(convolution, nn.Conv2d)
    nn.init.ones_(convolution.weight)
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    image = torch.arange(1.0, 785.0).reshape(1, 1, 28, 28)
    seen = convolution(pad(image))
    assert seen.shape == (1, 1, 28, 28)
    assert seen[0, 0, 0, 0] == image[0, 0, :2, :2].sum()
    assert seen[0, 0, 27, 27] == 784


def test_the_cnn_follows_its_options() -> None:
    model = build_model(
        parameters_of(model="cnn", filters="4-6", kernel_size=5, dense_units=7, dropout=0.25)
    )
    expected = (4 * 25 + 4) + (4 * 6 * 25 + 6) + (6 * 4 * 4 * 7 + 7) + (7 * 10 + 10)
    assert count(model) == expected
    assert dropped(model) == [(nn.Dropout, 0.25)]


@pytest.mark.parametrize(
    ("model", "filters", "side"),
    [("cnn3", "2-3-4", 3), ("fashion-cnn", "2-3-4-5", 3), ("mnistnet", "2-3-4-5", 7)],
)
def test_padded_networks_follow_their_options(model: str, filters: str, side: int) -> None:
    kernels = (5, 4, 3, 2)[: filters.count("-") + 1]
    network = build_model(
        parameters_of(
            model=model,
            filters=filters,
            kernel_size="-".join(map(str, kernels)),
            dense_units=7,
            dropout=0.125,
        )
    )
    channels = [1, *map(int, filters.split("-"))]
    convolutions = sum(
        before * after * kernel * kernel + after
        for before, after, kernel in zip(channels, channels[1:], kernels, strict=False)
    )
    assert count(network) == convolutions + (channels[-1] * side * side * 7 + 7) + 80
    assert dropped(network) == [(nn.Dropout, 0.125)] * (2 if model == "mnistnet" else 1)


def test_hidden_channels_drops_whole_maps_and_single_units() -> None:
    model = build_model(
        parameters_of(
            model="hidden-channels", kernel_size=3, dense_units=9, dropout=0.1, conv_dropout=0.3
        )
    )
    assert dropped(model) == [(nn.Dropout2d, 0.3), (nn.Dropout, 0.1)]
    assert count(model) == (10 * 9 + 10) + (20 * 10 * 9 + 20) + (20 * 25 * 9 + 9) + 100


def test_the_network_with_batch_normalization_follows_its_options() -> None:
    model = build_model(parameters_of(model="bn-cnn", filters="2-3-4", dropout=0.1))
    expected = 2 * 9 + 4 + 2 * 3 * 9 + 6 + 3 * 4 * 9 + 8 + 4 * 9 * 10 + 10
    assert count(model) == expected
    kinds = [type(part) for part in model.children()]
    assert kinds[:4] * 3 == kinds[:12] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d] * 3
    assert dropped(model) == [(nn.Dropout, 0.1)]


def test_the_residual_network_adds_what_came_in() -> None:
    model = build_model(parameters_of(model="chen-resnet", filters="4-6-8"))
    assert isinstance(model, nn.Sequential)
    block = model.get_submodule("block1_1").eval()
    for part in block.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    images = torch.rand(2, 4, 28, 28)
    assert torch.equal(block(images), images)
    assert model.get_submodule("block3_1").eval()(torch.rand(2, 6, 14, 14)).shape == (2, 8, 7, 7)


def test_the_dense_network_keeps_every_map_and_adds_as_many_with_each_layer() -> None:
    model = build_model(parameters_of(model="chen-densenet", filters=5))
    layer = model.get_submodule("block1_1").eval()
    maps = torch.rand(2, 10, 28, 28)
    assert layer(maps).shape == (2, 15, 28, 28)
    assert torch.equal(layer(maps)[:, :10], maps)


@pytest.mark.parametrize(
    ("model", "given", "expected"),
    [
        ("cnn3", "8", (8, 16, 32)),
        ("mnistnet", "16", (16, 32, 32, 32)),
        ("fashion-cnn", "16", (16, 32, 64, 128)),
        ("chen-resnet", "8", (8, 16, 32)),
        ("capsnet", "64", (64, 64)),
    ],
)
def test_one_number_stands_for_the_filters_of_each_convolution(
    model: str, given: str, expected: tuple[int, ...]
) -> None:
    assert parameters_of(model=model, filters=given).filters == expected


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        (
            "filters: cnn3 has three convolutions: give one number (n means n, 2n and 4n) or three"
            " (32-64-128)",
            {"model": "cnn3", "filters": "1-2"},
        ),
        (
            "filters: mnistnet has four convolutions: give one number (n means n, 2n, 2n and 2n) or"
            " four (32-64-64-64)",
            {"model": "mnistnet", "filters": "1-2-3"},
        ),
        (
            "kernel_size: fashion-cnn has four convolutions: give one number or four (5-3-3-3)",
            {"model": "fashion-cnn", "kernel_size": "3-5"},
        ),
        (
            "filters: 512 stands for 512-1024-2048-4096 here; a convolution may have 1,024 or less",
            {"model": "fashion-cnn", "filters": "512"},
        ),
        (
            "kernel_size: convolutions of 10×10 and 10×10 leave nothing of a 28×28 image;"
            " two equal ones may have 9 or less",
            {"model": "hidden-channels", "kernel_size": "10"},
        ),
        (
            "kernel_size: convolutions of 15×15 and 15×15 leave nothing of a 28×28 image;"
            " two equal ones may have 14 or less",
            {"model": "capsnet", "kernel_size": "15"},
        ),
        (
            "filters: capsnet makes capsules of 8 values from its second convolution:"
            " give it a multiple of 8, not 30",
            {"model": "capsnet", "filters": "64-30"},
        ),
        (
            "normalization: capsnet makes pixels of 0 to 1 itself; use unit",
            {"model": "capsnet", "normalization": "standard"},
        ),
        (
            "filters: every layer of chen-densenet adds as many filters: give one number (12)",
            {"model": "chen-densenet", "filters": "12-24"},
        ),
        (
            "batch_size: of 1,350 training images one is left for the last batch, and resnet50"
            " trains its statistics on two or more; use another size",
            {"model": "resnet50", "pretrained": "false", "batch_size": 19},
        ),
        (
            "pretrained: does not apply to lenet with adam; leave it out",
            {"model": "lenet", "pretrained": "false"},
        ),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_reason(
    sentence: str, given: dict[str, Any]
) -> None:
    assert refusal(**given) == sentence


@pytest.mark.parametrize("model", MODELS)
def test_the_completed_options_can_be_given_again_and_change_nothing(model: str) -> None:
    first = parameters_of(model=model)
    shown = {name: FIELDS[name].show(getattr(first, name)) for name in MODELS[model].options}
    assert parameters_of(model=model, **shown) == first


def test_dropout_comes_right_before_the_last_layer() -> None:
    kinds = [type(part) for part in build_model(parameters_of(model="cnn")).children()]
    assert kinds[-3:] == [nn.ReLU, nn.Dropout, nn.Linear]
