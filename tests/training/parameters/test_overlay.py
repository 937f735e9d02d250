from __future__ import annotations

from typing import Any

import pytest

from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH
from mnist_tui.training.parameters.overlay import copy_name, overlay
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

SIZES = {"digits": 1_500, "mnist": 60_000}


def complete(**given: Any) -> dict[str, Any]:
    return to_plain(resolve(given, sizes=even_sizes(SIZES), default_threads=3))


def test_a_copy_without_changes_trains_exactly_the_same() -> None:
    original = complete(
        model="bn-cnn", optimizer="sgd", momentum=0.9, learning_rate=0.123456789, device="cpu"
    )
    assert complete(**overlay(original, {})) == original


def test_what_belonged_to_a_replaced_model_optimiser_or_dataset_takes_its_default() -> None:
    original = complete(model="cnn", optimizer="adamw", filters="8-16", dataset="mnist")
    changed = complete(
        **overlay(original, {"model": "bn-cnn", "optimizer": "sgd", "dataset": "digits"})
    )
    fresh = complete(model="bn-cnn", optimizer="sgd")
    assert changed == fresh


@pytest.mark.parametrize(
    "change", [{"subset": 600}, {"fraction": 0.5}, {"split": "pooled"}, {"dataset": "digits"}]
)
def test_other_images_take_their_own_number_for_validation(change: dict[str, Any]) -> None:
    original = complete(dataset="mnist")
    assert original["validation"] == 5_000
    fresh = complete(**{"dataset": "mnist", **change})
    assert complete(**overlay(original, change)) == fresh


def test_a_subset_takes_the_place_of_a_fraction_and_the_other_way_round() -> None:
    assert "fraction" not in overlay(complete(fraction=0.5), {"subset": 100})
    assert "subset" not in overlay(complete(subset=100), {"fraction": 0.5})
    assert overlay(complete(subset=100), {"subset": 100, "validation": 7})["validation"] == 7


def test_the_same_model_named_again_keeps_its_options() -> None:
    original = complete(model="cnn", filters="8-16")
    assert overlay(original, {"model": "cnn"})["filters"] == (8, 16)


def test_what_is_asked_for_wins_over_a_preset() -> None:
    over = overlay(PRESETS["sgd-momentum"].parameters, {"optimizer": "adam", "epochs": "1"})
    assert "momentum" not in over
    assert (over["optimizer"], over["epochs"]) == ("adam", "1")


def test_a_copy_gets_a_name_that_is_not_taken_yet() -> None:
    assert copy_name("base", ["base"]) == "base-copy"
    assert copy_name("base", ["base", "base-copy", "base-copy-2"]) == "base-copy-3"
    long = copy_name("n" * MAX_LABEL_LENGTH, [])
    assert len(long) == MAX_LABEL_LENGTH
    assert long.endswith("-copy")
