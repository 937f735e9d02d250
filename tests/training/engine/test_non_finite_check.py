"""A loss or gradient that is not finite ends the training before it reaches the weights."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
import torch

from mnist_tui.training.engine import state_dict as snapshot
from mnist_tui.training.engine.loop import DivergedError, train
from mnist_tui.training.engine.non_finite_check import (
    NonFiniteCheck,
    NotFiniteError,
    require_finite_state,
)
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.training.worlds import (
    CPU,
    CountedLease,
    KeepingSink,
    ScriptedControl,
    data_on,
    digest,
    small_parameters,
    small_run,
)

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")


def poison_gradient(run: TrainingState, step: int, value: float) -> None:
    """Make one gradient of one step `value`, as an overflow in the backward pass would."""
    weight = next(iter(run.model.parameters()))

    def poisoned(gradient: torch.Tensor) -> torch.Tensor:
        if run.position.step == step:
            gradient = gradient.clone()
            gradient.view(-1)[0] = value
        return gradient

    weight.register_hook(poisoned)  # type: ignore[no-untyped-call]


def poison_weight(run: TrainingState) -> None:
    """Make every output NaN, as weights that overflowed would."""
    with torch.no_grad():
        next(reversed(list(run.model.parameters()))).fill_(math.nan)


def fails(run: TrainingState, sink: KeepingSink, **script: Any) -> str:
    with pytest.raises(DivergedError) as caught:
        train(run, ScriptedControl(**script), sink, CountedLease())
    return str(caught.value)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_bad_gradient_stops_the_training_before_the_step(optimizer: str, value: float) -> None:
    run, sink = small_run(optimizer=optimizer, checkpoint_every=0), KeepingSink()
    poison_gradient(run, 6, value)

    text = fails(run, sink)

    word = "NaN" if math.isnan(value) else "infinite"
    assert text == (
        f"the gradient became {word} at batch 3 of epoch 2 (step 7);"
        " checkpoint 6 is safe; lower the learning rate"
    )
    assert run.position.step == 6
    last = small_run(optimizer=optimizer)
    snapshot.restore(last, sink.saved[-1].content)
    assert last.position.step == 6
    assert digest(last) == digest(run)


def test_a_bad_loss_stops_the_training_and_says_that_nothing_was_saved_yet() -> None:
    run, sink = small_run(), KeepingSink()
    poison_weight(run)
    assert fails(run, sink) == (
        "loss became NaN at batch 1 of epoch 1 (step 1);"
        " nothing was saved before; lower the learning rate"
    )
    assert sink.saved == []
    assert sink.metric_rows == []


def test_statistics_of_the_forward_pass_that_went_wrong_are_not_saved() -> None:
    run, sink = small_run(model="bn-cnn", checkpoint_every=0), KeepingSink()
    poison_gradient(run, 5, math.nan)
    fails(run, sink)
    saved = torch.load(io.BytesIO(sink.saved[-1].content), weights_only=True)["model"]
    assert saved["norm1.num_batches_tracked"] == 5
    assert run.model.state_dict()["norm1.num_batches_tracked"] == 6
    assert all(torch.isfinite(tensor.double()).all() for tensor in saved.values())


def test_weights_that_overflowed_are_never_saved() -> None:
    run, sink = small_run(optimizer="sgd", checkpoint_every=0), KeepingSink()
    weight = next(iter(run.model.parameters()))

    def overflow(_optimizer: object, _args: object, _kwargs: object) -> None:
        if run.position.step == 3:
            with torch.no_grad():
                weight.view(-1)[0] = math.inf

    run.optimizer.register_step_post_hook(overflow)
    assert fails(run, sink) == (
        "a weight became infinite at batch 4 of epoch 1 (step 4);"
        " checkpoint 3 is safe; lower the learning rate"
    )


def test_large_values_whose_sum_only_is_infinite_may_be_saved() -> None:
    largest = torch.finfo(torch.float32).max
    require_finite_state("a weight", [torch.tensor([largest, largest])], step=1)
    with pytest.raises(NotFiniteError):
        require_finite_state("a weight", [torch.tensor([largest, math.inf])], step=1)


def test_a_stop_saves_nothing_that_went_wrong() -> None:
    run, sink = small_run(), KeepingSink()
    poison_weight(run)
    assert "a weight became NaN" in fails(run, sink, script={0: Trigger.STOP})
    assert sink.saved == []


def test_a_rate_that_is_far_too_high_ends_with_a_sentence() -> None:
    given: dict[str, Any] = {
        "optimizer": "sgd",
        "learning_rate": 100.0,
        "weight_decay": 10.0,
        "epochs": 200,
    }
    run, sink = small_run(**given), KeepingSink()
    assert "lower the learning rate" in fails(run, sink)


def test_on_cuda_a_bad_step_and_all_after_it_change_nothing_until_somebody_looks() -> None:
    run = small_run()
    guard = NonFiniteCheck(run.optimizer, torch.device("cpu"), is_deferred=True)
    run.training_step.non_finite_check = guard
    poison_gradient(run, 2, math.nan)
    run.train_step()
    run.train_step()
    before = digest(run)
    run.parameters = type(run.parameters)(
        **{name: getattr(run.parameters, name) for name in run.parameters.__struct_fields__}
        | {"log_every": 1_000}
    )
    run.train_step()
    assert digest(run) == before
    with pytest.raises(NotFiniteError, match=r"the gradient became NaN or infinite at step 3"):
        run.train_step()
    assert digest(run) == before
    with pytest.raises(NotFiniteError):
        snapshot.capture(run)


def test_a_later_look_tells_of_the_first_step_that_went_wrong() -> None:
    run = small_run()
    guard = NonFiniteCheck(run.optimizer, CPU, is_deferred=True)
    for step, loss, gradient in ((7, 1.0, 1.0), (8, 2.0, math.inf), (9, math.nan, 1.0)):
        for weight in run.model.parameters():
            weight.grad = torch.full_like(weight, gradient)
        guard.check(torch.tensor(loss), step)
    with pytest.raises(NotFiniteError, match=r"^the gradient became NaN or infinite at step 9$"):
        guard.look()


@pytest.mark.gpu
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_bad_gradient_on_cuda_ends_the_training_the_same_way(optimizer: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    cuda = torch.device("cuda")
    run = TrainingState(
        small_parameters(optimizer=optimizer, checkpoint_every=0), data_on(cuda), cuda
    )
    run.training_step.is_recorded = False  # the poison is poured in by Python
    poison_gradient(run, 6, math.nan)
    sink = KeepingSink()
    text = fails(run, sink)
    assert "the gradient became NaN or infinite at batch 3 of epoch 2 (step 7)" in text
    assert "checkpoint 6 is safe" in text
