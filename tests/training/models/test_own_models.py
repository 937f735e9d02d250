"""Models of the user's: found, built from the seed, tried before they are trained, refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import torch

from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.models import build_model
from mnist_tui.training.models.user_models import UserModelError, source_files
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.parameters.hyperparameters import Hyperparameters, ParameterError
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.protocol.environment import CODE_VARIABLE, take
from mnist_tui.training.worker.model_trial import try_to_train
from tests.dataset_files import write_small_dataset
from tests.sizes import even_sizes
from tests.training.worlds import CPU, small_data

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = """
import numpy
import torch
from torch import nn

from own_parts import Twice


def build(num_classes):
    return nn.Sequential(nn.Flatten(), Twice(), nn.Linear(784, num_classes))


def ten():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def normed(n):
    return nn.Sequential(
        nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(2304, n)
    )


def lazy(n):
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(n))


def recurrent(n):
    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.rows = nn.GRU(28, 16, batch_first=True)
            self.out = nn.Linear(16, n)

        def forward(self, images):
            return self.out(self.rows(images.squeeze(1))[1][0])

    return Rows()


def none(n):
    return None


def weightless(n):
    class Sums(nn.Module):
        def forward(self, images):
            return images.sum((1, 2)) [:, :n]

    return Sums()


def probabilities(n):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, n), nn.Softmax(dim=1))


def too_few(n):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, n - 1))


def flat(n):
    return nn.Linear(784, n)


def pair(n):
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(784, n)

        def forward(self, images):
            return self.out(images.flatten(1)), 0

    return Pair()


def double(n):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, n).double()).double()


def widened(n):
    class Widened(nn.Linear):
        def forward(self, images):
            return super().forward(images.flatten(1)).double()

    return Widened(784, n)


def detached(n):
    class Detached(nn.Linear):
        def forward(self, images):
            return super().forward(images.flatten(1)).detach()

    return Detached(784, n)


def two_faced(n):
    class TwoFaced(nn.Linear):
        def forward(self, images):
            logits = super().forward(images.flatten(1))
            return logits if self.training else (logits, 0)

    return TwoFaced(784, n)


def constant(n):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.logits = nn.Parameter(torch.arange(n) / 4)

        def forward(self, images):
            return self.logits.expand(len(images), -1)

    return Constant()


def infinite(n):
    layer = nn.Linear(784, n)
    nn.init.constant_(layer.bias, float("inf"))
    return nn.Sequential(nn.Flatten(), layer)


def unstorable(n):
    class Kept(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(784, n)

        def get_extra_state(self):
            return object()

        def set_extra_state(self, state):
            pass

        def forward(self, images):
            return self.out(images.flatten(1))

    return Kept()


def fails(n):
    raise KeyError("no such thing")


def leaves(n):
    raise SystemExit(3)


NUMBER = 5
"""
PARTS = """
from torch import nn


class Twice(nn.Module):
    def forward(self, images):
        return images * 2
"""


def parameters_of(**given: object) -> Hyperparameters:
    values = {"validation": 4, "batch_size": 16, "device": "cpu", **given}
    return resolve(values, sizes=even_sizes({"digits": 40}), default_threads=1)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that holds `own_nets.py`, found first and forgotten afterwards."""
    (tmp_path / "own_nets.py").write_text(CODE)
    (tmp_path / "own_parts.py").write_text(PARTS)
    before = list(sys.path)
    monkeypatch.setenv(CODE_VARIABLE, "")  # so that what is set here is taken back
    take({CODE_VARIABLE: str(tmp_path)})
    yield tmp_path
    sys.path[:] = before
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("nets:build", True),
        ("my.pack_2.nets:Build", True),
        ("nets", False),
        ("nets:", False),
        (":build", False),
        ("nets.py:build", True),
        ("../nets:build", False),
        ("nets:build()", False),
        ("nets:a.b", False),
        ("näts:build", False),
    ],
)
def test_which_texts_name_a_model_of_ones_own(text: str, *, is_one: bool) -> None:
    assert is_own_model(text) is is_one


def test_weights_are_a_function_of_the_seed_and_the_random_state_stays(code: Path) -> None:
    assert code
    state = torch.get_rng_state()
    first, again, other = (
        build_model(parameters_of(model="own_nets:build", seed=seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), state)
    weights = [model.state_dict()["2.weight"] for model in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert first(torch.zeros(5, 1, 28, 28)).shape == (5, 10)


def test_its_first_weights_are_its_own_unless_others_are_asked_for(code: Path) -> None:
    assert code
    assert parameters_of(model="own_nets:build").initialization == "own"
    assert parameters_of(model="own_nets:build", initialization="keras").initialization == "keras"
    with pytest.raises(ParameterError, match="own does not apply to cnn"):
        parameters_of(model="cnn", initialization="own")
    with pytest.raises(ParameterError, match="filters: does not apply to own_nets:build"):
        parameters_of(model="own_nets:build", filters="3-4")
    with pytest.raises(ParameterError, match=r"or give package\.module:build of your own"):
        parameters_of(model="own_nets")


def test_the_files_of_a_model_are_those_that_are_the_users(code: Path) -> None:
    model = build_model(parameters_of(model="own_nets:build"))
    assert source_files("own_nets:build", model) == [
        str(code / "own_nets.py"),
        str(code / "own_parts.py"),
    ]


@pytest.mark.parametrize("name", ["build", "ten", "normed", "recurrent"])
def test_a_good_model_is_tried_and_found_good(name: str, code: Path) -> None:
    parameters = parameters_of(model=f"own_nets:{name}")
    write_small_dataset(code / "data")
    try_to_train(parameters, code / "data")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("none", "own_nets:none returned a NoneType; let it return a torch.nn.Module."),
        ("weightless", "has no weights to train"),
        ("probabilities", "returns probabilities; leave the softmax out"),
        (
            "too_few",
            r"returns shape \(8, 9\) for 8 images; let it return .* \(8, 10\)",
        ),
        ("flat", r"cannot take images of shape \(8, 1, 28, 28\): RuntimeError: mat1 and mat2"),
        ("pair", "returns a tuple; let it return logits"),
        ("double", "cannot take images of shape"),
        ("lazy", "has layers whose size is not known yet"),
        ("widened", r"returns torch\.float64; let it return torch\.float32"),
        ("detached", "could not be trained: RuntimeError: element 0 of tensors does not require"),
        ("two_faced", "returns a tuple; let it return logits"),
        ("infinite", "returns values that are not finite"),
        ("unstorable", "could not be trained"),
        ("fails", r"failed when it was called: KeyError: 'no such thing' \(own_nets.py:\d+\)"),
        ("leaves", "failed when it was called: SystemExit: 3"),
        ("NUMBER", "has no function NUMBER; write one that takes the number of classes"),
        ("missing", "own_nets.py has no function missing"),
    ],
)
def test_a_model_that_cannot_be_trained_is_refused_with_the_reason(
    name: str, why: str, code: Path
) -> None:
    parameters = parameters_of(model=f"own_nets:{name}")
    write_small_dataset(code / "data")
    with pytest.raises(UserModelError, match=why):
        try_to_train(parameters, code / "data")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "cannot be imported: ModuleNotFoundError: No module named 'own_other'; start"),
        ("import nonsense_that_is_not_here", r"No module named 'nonsense_.*' \(own_other.py:1\)"),
        ("def build(:", "cannot be imported: SyntaxError: invalid syntax"),
        ("import sys; sys.exit('usage')", r"SystemExit: usage \(own_other.py:1\)"),
    ],
)
def test_code_that_cannot_be_imported_is_told(text: str | None, why: str, code: Path) -> None:
    if text is not None:
        (code / "own_other.py").write_text(text)
    with pytest.raises(UserModelError, match=why):
        build_model(parameters_of(model="own_other:build"))


def test_logits_that_are_a_view_of_a_weight_are_scored_as_they_were(code: Path) -> None:
    assert code
    parameters = resolve(
        {"model": "own_nets:constant", "batch_size": 10, "validation": 0, "log_every": 3}
        | {"learning_rate": 1.0, "optimizer": "sgd", "device": "cpu"},
        sizes=even_sizes({"digits": 50}),
        default_threads=1,
    )
    often, seldom = (TrainingState(parameters, small_data(num_validation=0), CPU) for _ in range(2))
    for _ in range(2):
        often.train_step()
        assert often.window.sums[0] > 0  # which has them computed
        seldom.train_step()
    (row,), (other,) = often.train_step(), seldom.train_step()
    assert (row.loss, row.accuracy, row.mse) == (other.loss, other.accuracy, other.mse)
