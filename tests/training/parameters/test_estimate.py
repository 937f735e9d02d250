from __future__ import annotations

from typing import Any

import pytest

from mnist_tui.storage.records import Progress, SessionRecord
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.training_state import TrainingState
from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS
from mnist_tui.training.parameters.estimate import checkpoint_bytes, duration, find_alike
from mnist_tui.training.parameters.hyperparameters import Hyperparameters, to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.worker.model_summary import summarize
from tests.sizes import even_sizes, sized
from tests.training.worlds import CPU, small_data


def parameters_of(**given: Any) -> Hyperparameters:
    sizes = {"digits": 1_500, "mnist": 60_000}
    return resolve({"batch_size": 16, **given}, sizes=even_sizes(sizes), default_threads=1)


def session(session_id: int, *, speed: float | None = 1_000.0, **given: Any) -> SessionRecord:
    return SessionRecord(
        id=session_id,
        name=f"s{session_id}",
        parameters=to_plain(parameters_of(**given)),
        created_at="2026-01-01T00:00:00Z",
        device="cpu",
        progress=Progress(images_per_s=speed),
    )


OPTIMIZING = [*((name, None) for name in OPTIMIZERS), ("sgd", 0.9), ("rmsprop", 0.9)]
IS_LARGE = {name: model.num_parameters > 1_000_000 for name, model in MODELS.items()}


@pytest.mark.parametrize(
    ("model", "optimizer", "momentum"),
    [
        (model, *optimizing)
        for model, is_large in IS_LARGE.items()
        for optimizing in (OPTIMIZING[:1] if is_large else OPTIMIZING)
    ],
)
def test_the_size_of_a_checkpoint_is_known_within_3_percent(
    model: str, optimizer: str, momentum: float | None
) -> None:
    parameters = parameters_of(model=model, optimizer=optimizer, momentum=momentum, validation=300)
    run = TrainingState(parameters, small_data(), CPU, generation=1)
    run.restore_rng()
    run.train_step()
    actual = len(state_dict.capture(run))
    estimated = checkpoint_bytes(parameters, summarize(parameters, 10))
    assert estimated == pytest.approx(actual, rel=0.03)


def test_the_speed_is_that_of_the_newest_session_that_trains_alike() -> None:
    records = [
        session(1, speed=100.0),
        session(2, speed=200.0),
        session(3, speed=None),
        session(4, speed=400.0, model="lenet"),
        session(5, speed=500.0, batch_size=32),
        session(6, speed=600.0, filters="8-16"),
        session(7, speed=700.0, threads=2),
        session(8, speed=800.0, device="mps"),
    ]
    wanted = [
        parameters_of(learning_rate="0.5", seed=3),
        parameters_of(filters="8-16"),
        parameters_of(optimizer="sgd"),
    ]
    assert find_alike(records, wanted) == [(2, 200.0), (6, 600.0), None]
    assert find_alike([], wanted) == [None, None, None]


def test_a_session_on_the_same_data_tells_more_than_a_newer_one_on_other_data() -> None:
    records = [session(1, dataset="mnist"), session(2)]
    wanted = [parameters_of(dataset="mnist")]
    assert find_alike(records, wanted) == [(1, 1_000.0)]
    assert find_alike(records[1:], wanted) == [(2, 1_000.0)]


def test_a_device_may_be_named_or_found() -> None:
    wanted = [parameters_of(device=device) for device in ("auto", "cpu", "cuda")]
    assert find_alike([session(1)], wanted) == [(1, 1_000.0), (1, 1_000.0), None]


def test_an_epoch_is_training_and_validation_and_all_of_them_end_with_the_test() -> None:
    parameters = parameters_of(dataset="mnist", epochs=2)
    took = duration(parameters, sized(60_000, 9_000), 1_000.0)
    assert took.epoch_s == pytest.approx(55 + 5 / 3)
    assert took.total_s == pytest.approx(2 * (55 + 5 / 3) + 3)
