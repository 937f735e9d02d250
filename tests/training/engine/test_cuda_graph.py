"""On CUDA a step is recorded and replayed: it computes what the same operations one by one do."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.loop import DivergedError, train
from mnist_tui.training.engine.non_finite_check import NotFiniteError
from mnist_tui.training.engine.training_state import Phase, TrainingState
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    data_on,
    digest,
    small_parameters,
)

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

CUDA = torch.device("cuda")
VARIANTS: list[dict[str, Any]] = [
    {"model": "cnn", "augmentation": "shift"},
    {"model": "cnn", "optimizer": "sgd", "momentum": 0.9, "schedule": "onecycle"},
    {"model": "cnn", "optimizer": "rmsprop"},
    {"model": "bn-cnn", "dropout": 0.3, "precision": "bf16"},
    {"model": "capsnet", "filters": (16, 32), "precision": "bf16"},
]


def card_run(**given: Any) -> TrainingState:
    """Return a training on the first card; every epoch of it ends with a smaller batch."""
    parameters = small_parameters(**{"batch_size": 7, "epochs": 3, **given})
    run = TrainingState(parameters, data_on(CUDA), CUDA)
    assert len(run.data.train) % 7
    return run


def train_steps(run: TrainingState, num_steps: int) -> None:
    run.restore_rng()
    for _ in range(num_steps):
        while run.phase is not Phase.TRAIN:
            run.evaluate_chunk()
        run.train_step()


@pytest.mark.parametrize("given", VARIANTS)
def test_a_replayed_step_computes_what_its_operations_compute_one_by_one(
    given: dict[str, Any],
) -> None:
    replayed, launched = card_run(**given), card_run(**given)
    launched.training_step.is_recorded = False
    num_steps = 2 * replayed.steps_per_epoch + 2
    train_steps(replayed, num_steps)
    random_state = torch.cuda.get_rng_state()
    train_steps(launched, num_steps)
    assert replayed.training_step.graph is not None
    assert launched.training_step.graph is None
    assert digest(replayed) == digest(launched)
    assert torch.equal(replayed.window.sums, launched.window.sums)
    assert replayed.window.num_images == launched.window.num_images
    assert torch.equal(torch.cuda.get_rng_state(), random_state)


def test_a_training_that_goes_on_with_a_new_recording_ends_the_same() -> None:
    whole = card_run(model="bn-cnn", dropout=0.3, augmentation="shift")
    halved = card_run(model="bn-cnn", dropout=0.3, augmentation="shift")
    train_steps(whole, 2 * whole.steps_per_epoch)
    train_steps(halved, 5)
    saved = state_dict.capture(halved)
    other = card_run(model="bn-cnn", dropout=0.3, augmentation="shift")
    state_dict.restore(other, saved)
    train_steps(other, 2 * whole.steps_per_epoch - 5)
    assert digest(other) == digest(whole)


def test_a_loss_that_became_nan_is_found_by_what_was_recorded() -> None:
    run, sink = card_run(log_every=1_000), KeepingSink()
    weight = next(iter(run.model.parameters()))

    def poison(*_: object) -> None:
        if run.position.step == 3:
            with torch.no_grad():
                weight.fill_(math.nan)

    run.optimizer.register_step_pre_hook(poison)
    with pytest.raises(DivergedError, match=r"^loss became NaN at batch 5 of epoch 1 \(step 5\)"):
        train(run, ScriptedControl(), sink, CountedLease())
    assert run.training_step.graph is not None


def test_a_replayed_step_that_went_wrong_leaves_the_weights_as_they_were() -> None:
    run = card_run(log_every=1_000)
    train_steps(run, 2)
    before = digest(run)
    last = next(reversed(list(run.model.parameters())))
    with torch.no_grad():
        kept = last.clone()
        last.fill_(math.inf)
    train_steps(run, 2)
    with torch.no_grad():
        last.copy_(kept)
    assert run.training_step.graph is not None
    assert digest(run) == before
    with pytest.raises(NotFiniteError, match=r"loss became NaN at step 3"):
        state_dict.capture(run)


def test_what_cannot_be_recorded_is_done_operation_by_operation() -> None:
    run, other = card_run(), card_run()
    other.training_step.is_recorded = False
    run.model.register_forward_hook(lambda _module, _inputs, logits: logits.sum().item() and None)
    with pytest.warns(UserWarning, match="not replayed as a CUDA graph"):
        train_steps(run, 4)
    assert run.training_step.graph is None
    train_steps(other, 4)
    assert digest(run) == digest(other)
