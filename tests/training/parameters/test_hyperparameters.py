"""The one table of hyperparameters: reading, completing, refusing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS
from mnist_tui.training.parameters.hyperparameters import (
    FIELDS,
    Hyperparameters,
    ParameterError,
    applicable,
    from_plain,
    to_plain,
)
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

NUM_TRAIN = {"digits": 1_500, "mnist": 60_000}


def make(**given_values: Any) -> Hyperparameters:
    return resolve(given_values, sizes=even_sizes(NUM_TRAIN), default_threads=2)


def problems(**given_values: Any) -> dict[str, str]:
    with pytest.raises(ParameterError) as caught:
        make(**given_values)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_what_is_left_open_is_filled_at_submission() -> None:
    parameters = make()

    assert parameters.validation == 150
    assert parameters.threads == 2
    assert (parameters.filters, parameters.kernel_size, parameters.dropout) == ((32, 64), (3,), 0.5)
    assert make(dataset="mnist").validation == 5_000


def test_what_is_left_open_follows_the_images_that_are_chosen() -> None:
    assert make(subset=600).validation == 60
    assert make(fraction=0.5).validation == 75
    assert make(dataset="mnist", subset=10_000).validation == 1_000
    pooled = make(split="pooled")
    assert pooled.validation is None
    assert resolve(to_plain(pooled), sizes=even_sizes(NUM_TRAIN), default_threads=1) == pooled


def test_choices_that_exclude_each_other_are_refused_before_the_data_is_there() -> None:
    with pytest.raises(ParameterError, match="subset: 25 cannot be as many images") as caught:
        resolve({"subset": 25, "dataset": "mnist"}, sizes={}, default_threads=1)
    assert "at most" not in str(caught.value)
    with pytest.raises(ParameterError, match="fraction: does not go with subset"):
        resolve({"subset": 20, "fraction": 0.5}, sizes={}, default_threads=1)


def test_text_from_a_form_and_json_from_a_file_mean_the_same() -> None:
    typed = make(filters="16-32", learning_rate="1e-2", epochs=" 3 ", batch_size="1_024")
    stored = make(filters=[16, 32], learning_rate=0.01, epochs=3, batch_size=1024)

    assert typed == stored


def test_one_filter_number_means_it_and_its_double() -> None:
    assert make(filters="8").filters == (8, 16)
    assert make(model="bn-cnn", filters="8").filters == (8, 16, 32)
    assert "three" in problems(model="bn-cnn", filters="8-16")["filters"]


def test_options_of_other_models_and_optimizers_stay_empty() -> None:
    parameters = make(model="lenet", optimizer="adamw")

    assert parameters.filters is None
    assert parameters.dropout is None
    assert parameters.momentum is None
    assert parameters.weight_decay == 0.01


def test_all_problems_come_at_once_each_with_its_field() -> None:
    found = problems(model="lenet", filters="3", learning_rate="nan", batch_size="1e3", colour=1)

    assert set(found) == {"filters", "learning_rate", "batch_size", "colour"}
    assert "finite" in found["learning_rate"]
    assert "whole number" in found["batch_size"]
    assert "does not apply to lenet" in found["filters"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("learning_rate", 0, "greater than 0"),
        ("learning_rate", "-0.1", "greater than 0"),
        ("learning_rate", "abc", "needs a number"),
        ("learning_rate", True, "needs a number"),
        ("learning_rate", float("inf"), "finite"),
        ("epochs", 0, "at least 1"),
        ("epochs", 1.5, "whole number"),
        ("epochs", "9" * 5000, "whole number"),
        ("dropout", 1, "less than 1"),
        ("batch_size", 1_351, "1,350 or less"),
        ("validation", 1_500, "fewer than 1,500"),
        ("subset", 1_505, "use 1,500 (1,500 at most)"),
        ("subset", 1_600, "use 1,500 or less"),
        ("fraction", 0.001, "use 0.007 or more"),
        ("fraction", 0, "greater than 0"),
        ("split", "random", "standard, pooled"),
        ("model", "vgg", "cnn, cnn3, mnistnet, "),
        ("schedule", "linear", "constant, step, cosine, onecycle"),
        ("augmentation", "flip", "none, shift"),
        ("dataset", "imagenet", "digits, mnist"),
        ("optimizer", 5, "needs a word"),
        ("kernel_size", 10, "9 or less"),
        ("filters", "32-x", "32-64"),
        ("filters", "1-2-3", "two"),
        ("device", "gpu", "auto, cpu, cuda"),
        ("device", "cuda:x", "auto, cpu, cuda"),
        ("initialization", "xavier", "keras, torch"),
    ],
)
def test_a_wrong_value_is_told_what_is_right(field: str, value: object, words: str) -> None:
    assert words in problems(**{field: value})[field]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stored_parameters_read_back_the_same(model: str, optimizer: str) -> None:
    parameters = make(model=model, optimizer=optimizer)

    assert from_plain(to_plain(parameters)) == parameters
    assert (
        resolve(to_plain(parameters), sizes=even_sizes(NUM_TRAIN), default_threads=9) == parameters
    )


def test_every_option_of_a_model_or_optimizer_is_in_the_table() -> None:
    for options in (*(model.options for model in MODELS.values()), *OPTIMIZERS.values()):
        assert set(options) <= set(FIELDS)
    assert "dropout" not in applicable("lenet", "adam")
    assert "dropout" in applicable("cnn", "adam")


@pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))
def test_every_field_explains_itself_and_shows_what_it_reads(field: Any) -> None:
    assert len(field.help) > 10
    if field.default is not None:
        assert field.read(field.show(field.default)) == field.default


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(list(FIELDS)), st.text() | st.integers() | st.floats()))
def test_nothing_but_a_parameter_error_comes_of_any_input(values: dict[str, Any]) -> None:
    try:
        parameters = resolve(values, sizes=even_sizes(NUM_TRAIN), default_threads=1)
    except ParameterError:
        return
    assert from_plain(to_plain(parameters)) == parameters
