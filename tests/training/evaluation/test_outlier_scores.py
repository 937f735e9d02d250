"""Answers to outliers against a computation by hand; and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.records import CheckpointInfo, Position
from mnist_tui.storage.results.outlier_tests import LOG_ODDS, LOGITS
from mnist_tui.training.evaluation.outlier_scores import (
    compute_areas,
    find_dropout_layers,
    predict_all_logits,
    predict_with_dropout,
)
from mnist_tui.training.evaluation.outlier_task import draw_signs, run_outlier_test
from tests.training.worlds import small_run

if TYPE_CHECKING:
    from mnist_tui.training.engine.training_state import TrainingState

INFO = CheckpointInfo(
    file="step.pt", num_bytes=1, sha256="", position=Position(step=6), epoch=1.5, reason="final",
    is_best=False, generation=3, fingerprint={}, created_at="2026-01-02T03:04:05.678Z",
)  # fmt: skip


def trained(**parameters: Any) -> TrainingState:
    run = small_run(**parameters)
    for _ in range(6):
        run.train_step()
    return run


def by_hand(
    run: TrainingState, images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> torch.Tensor:
    """The logits as one would write them down: all images at once, pixels in 0..1."""
    run.model.eval()
    with torch.no_grad():
        logits: torch.Tensor = run.model(torch.tensor(images)[:, None].float() / 255)
    run.model.train()
    return logits


def test_figures_are_those_of_torch_and_scikit_learn() -> None:
    run = trained()
    _, signs = draw_signs()
    test, answers = run_outlier_test(run, INFO, signs, lambda _: None)
    outliers, known = by_hand(run, signs), by_hand(run, run.data.test.images.numpy())
    assert answers.probabilities == pytest.approx(outliers.softmax(1).numpy(), abs=1e-6)
    assert np.array_equal(answers.images, signs)
    truth = np.repeat([1, 0], [len(known), len(outliers)])
    both = torch.cat([known, outliers]).double()
    softmax = roc_auc_score(truth, functional.softmax(both, 1).max(1).values)
    energy = roc_auc_score(truth, torch.log(torch.exp(both).sum(1)))
    assert test.auroc_softmax == pytest.approx(softmax, abs=1e-3)
    assert test.auroc_energy == pytest.approx(energy, abs=1e-3)
    assert softmax != pytest.approx(energy, abs=1e-2)
    assert (test.step, test.generation, test.num_known) == (6, 3, len(known))
    assert test.scores == LOGITS


def test_passes_differ_with_dropout_repeat_with_the_seed_and_leave_random_state_alone() -> None:
    run = trained()
    images = torch.from_numpy(draw_signs()[1].copy())
    state = torch.get_rng_state()
    passes = predict_with_dropout(run.model, images, "unit", 5)
    assert torch.equal(torch.get_rng_state(), state)
    assert [each.shape for each in passes] == [(16, 10)] * 3
    assert not np.array_equal(passes[0], passes[1])
    assert not np.array_equal(passes[1], passes[2])
    again = predict_with_dropout(run.model, images, "unit", 5)
    assert all(map(np.array_equal, passes, again))
    assert not np.array_equal(predict_with_dropout(run.model, images, "unit", 9)[0], passes[0])
    assert all(layer.training for layer in run.model.modules())


def test_only_dropout_is_active_in_a_pass() -> None:
    run = trained(model="bn-cnn")
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    predict_with_dropout(run.model, torch.from_numpy(draw_signs()[1].copy()), "unit", 0)
    assert all(torch.equal(value, before[name]) for name, value in run.model.state_dict().items())


@pytest.mark.parametrize("parameters", [{"model": "lenet"}, {"dropout": 0.0}])
def test_a_network_without_dropout_has_no_passes(parameters: dict[str, object]) -> None:
    run = trained(**parameters)
    assert find_dropout_layers(run.model) == []
    test, answers = run_outlier_test(run, INFO, draw_signs()[1], lambda _: None)
    assert test.num_passes == 0
    assert answers.passes.shape == (0, 16, 10)


def test_capsules_score_by_the_odds_that_a_class_is_there() -> None:
    run = small_run(model="capsnet", filters="8-16", dense_units=None)
    test, _ = run_outlier_test(run, INFO, draw_signs()[1], lambda _: None)
    assert test.scores == LOG_ODDS
    assert test.auroc_energy is not None


def test_scores_that_are_not_finite_have_no_area() -> None:
    known = torch.tensor([[1.0, 2.0]])
    assert compute_areas(known, torch.tensor([[0.0, torch.nan]])) == (None, None)
    assert compute_areas(known, torch.tensor([[0.0, 0.5]])).energy == 1.0


def test_images_are_turned_as_the_training_images_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network of a dataset whose files are transposed has learnt transposed images."""
    run = trained()
    monkeypatch.setitem(DATASETS, "digits", replace(DATASETS["digits"], is_transposed=True))
    _, signs = draw_signs()
    _, answers = run_outlier_test(run, INFO, signs, lambda _: None)
    turned = by_hand(run, signs.swapaxes(1, 2).copy()).softmax(1).numpy()
    assert answers.probabilities == pytest.approx(turned, abs=1e-6)
    assert np.array_equal(answers.images, signs)


def test_many_images_are_scored_in_parts_in_their_order() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    images = torch.randint(0, 256, (600, 28, 28), dtype=torch.uint8)
    told: list[int] = []
    logits = predict_all_logits(net, images, "unit", told.append)
    with torch.no_grad():
        assert torch.allclose(logits, net(images[:, None].float() / 255), atol=1e-5)
    assert told == [128, 256, 384, 512, 600]
