from __future__ import annotations

import pytest

from mnist_tui.training.parameters.hyperparameters import FIELDS, applicable
from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.parameters.presets import PRESETS, Preset
from mnist_tui.training.parameters.sweep import plan, resolve_each
from tests.sizes import even_sizes

SIZES = {"digits": 1_500, "mnist": 60_000, "fashion-mnist": 60_000, "kmnist": 60_000}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_can_be_trained_as_it_stands(preset: Preset) -> None:
    resolved = resolve_each(plan(preset.parameters), sizes=even_sizes(SIZES), default_threads=1)
    first = resolved[0]
    assert preset.parameters.keys() <= applicable(first.model, first.optimizer)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_says_nothing_that_a_form_would_show_otherwise(preset: Preset) -> None:
    for name, value in preset.parameters.items():
        pieces = value.split(",")
        assert [FIELDS[name].show(FIELDS[name].read(piece)) for piece in pieces] == pieces
    assert check_label(preset.name) == preset.name
    assert not preset.sentence.endswith(".")
    assert len(preset.sentence) <= 60, "one line of a help in 80 columns"
