"""The command in a report trains the same: what it leaves out is the default, and nothing else."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec
import pytest

from mnist_tui.training.analysis.session_report import reproduce_command
from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS
from mnist_tui.training.parameters.hyperparameters import FIELDS, to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

SIZES = even_sizes({"digits": 1_500, "mnist": 60_000})


def stored(**given: Any) -> dict[str, Any]:
    """Return parameters as a record has them: complete, as JSON."""
    resolved = to_plain(resolve(given, sizes=SIZES, default_threads=3))
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(resolved))
    return plain


def given_by(command: str) -> dict[str, str]:
    """Return the options of a command by field."""
    program, verb, *words = shlex.split(command)
    assert (program, verb) == ("mnist-tui", "new")
    names = [word.removeprefix("--").replace("-", "_") for word in words[::2]]
    return dict(zip(names, words[1::2], strict=True))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("model", MODELS)
def test_the_command_resolves_to_the_same_parameters(model: str, optimizer: str) -> None:
    for given in ({}, {"dataset": "mnist", "learning_rate": 3e-5, "weight_decay": 0.5, "seed": 7}):
        parameters = stored(model=model, optimizer=optimizer, **given)
        command = reproduce_command(parameters)
        again = resolve(given_by(command), sizes=SIZES, default_threads=64)
        assert to_plain(again) == to_plain(resolve(parameters, sizes=SIZES, default_threads=64))


def test_only_what_is_not_default_is_named_and_what_machines_choose() -> None:
    assert reproduce_command(stored()) == (
        "mnist-tui new --validation 150 --seed 0 --device auto --threads 3"
    )
    assert "--threads 1" in reproduce_command(stored(threads=1))
    named = given_by(reproduce_command(stored(filters="8-16", kernel_size=3, epochs=2)))
    assert named["filters"] == "8-16"
    assert named["epochs"] == "2"
    assert "kernel_size" not in named


def test_what_a_shell_would_take_apart_is_quoted() -> None:
    command = reproduce_command({**stored(), "dataset": "my images; rm -rf /"})
    assert "'my images; rm -rf /'" in command


def test_a_model_of_another_version_has_everything_named() -> None:
    parameters = {**stored(), "model": "of-tomorrow"}
    named = given_by(reproduce_command(parameters))
    told = {name for name in FIELDS if parameters.get(name) is not None}
    assert set(named) == told
