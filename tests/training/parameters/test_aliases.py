from __future__ import annotations

import pytest

from mnist_tui.training.parameters.aliases import ALIASES, SHORTEST, field_alias
from mnist_tui.training.parameters.hyperparameters import FIELDS


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("lr", "learning_rate"),
        ("LR", "learning_rate"),
        ("learning-rate", "learning_rate"),
        (" bs ", "batch_size"),
        ("epochs", "epochs"),
        ("state", None),
        ("", None),
    ],
)
def test_a_name_means_one_parameter_or_none(name: str, meant: str | None) -> None:
    assert field_alias(name) == meant


def test_a_short_name_is_the_name_of_no_parameter_and_stands_for_one() -> None:
    assert not ALIASES.keys() & FIELDS.keys()
    assert set(ALIASES.values()) <= FIELDS.keys()


def test_every_parameter_is_found_again_under_its_shortest_name() -> None:
    assert {field_alias(short) for short in SHORTEST.values()} == FIELDS.keys()
