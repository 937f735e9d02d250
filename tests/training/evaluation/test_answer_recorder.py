"""Answers of a model are passed on during and after training, and change nothing."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

from mnist_tui.training.analysis.class_scores import class_scores
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.loop import Outcome, train
from mnist_tui.training.engine.training_state import Phase, TrainingState
from mnist_tui.training.evaluation.answer_recorder import AnswerRecorder
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.training.worlds import (
    CountedLease,
    KeepingSink,
    ScriptedControl,
    comparable,
    digest,
    small_data,
    small_run,
)

if TYPE_CHECKING:
    from mnist_tui.storage.records import MetricRow

NUM_TURNS = 14
"""Two epochs of four steps and two chunks of validation, then two chunks of the test."""
GIVEN: list[dict[str, Any]] = [
    {"dropout": 0.5},
    {"model": "bn-cnn", "augmentation": "shift", "optimizer": "rmsprop"},
]
each_model = pytest.mark.parametrize("given", GIVEN, ids=["dropout", "batch norm"])


def finish(
    run: TrainingState, sink: KeepingSink, script: dict[int, Trigger | str] | None = None
) -> Outcome:
    """Train with a clock that jumps a second at each look, so that each epoch has its samples."""
    ticks = count()
    clock = lambda: float(next(ticks))  # noqa: E731 — a name for the argument
    return train(
        run, ScriptedControl(script), sink, CountedLease(), hooks=[AnswerRecorder], clock=clock
    )


def bare_loop(run: TrainingState) -> list[MetricRow]:
    """Train without an engine, so that nobody looks at any image in between."""
    rows: list[MetricRow] = []
    run.restore_rng()
    while (phase := run.phase) is not Phase.DONE:
        rows += run.train_step() if phase is Phase.TRAIN else run.evaluate_chunk()
    return rows


@each_model
def test_weights_rows_and_random_state_are_those_of_a_training_nobody_looked_at(
    given: dict[str, Any],
) -> None:
    bare = small_run(**given)
    rows = bare_loop(bare)
    random_state = torch.get_rng_state()
    run, sink = small_run(**given), KeepingSink()
    assert finish(run, sink) is Outcome.FINISHED
    assert len(sink.sampled) == 2
    assert digest(run) == digest(bare)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert comparable(sink.metric_rows) == comparable(rows)
    buffers = zip(run.model.buffers(), bare.model.buffers(), strict=True)
    assert all(torch.equal(one, other) for one, other in buffers)


@each_model
def test_a_stop_anywhere_and_a_new_start_change_neither_samples_nor_evaluation(
    given: dict[str, Any],
) -> None:
    whole, bare = KeepingSink(), small_run(**given)
    finish(small_run(**given), whole)
    bare_loop(bare)
    expected = {samples.epoch: samples.probabilities for samples in whole.sampled}
    for turn in range(NUM_TURNS):
        sink = KeepingSink()
        assert finish(small_run(**given), sink, {turn: Trigger.STOP}) is Outcome.STOPPED
        assert sink.evaluations == []
        torch.manual_seed(999)
        run = small_run(**given)
        state_dict.restore(run, sink.saved[-1].content)
        assert finish(run, sink) is Outcome.FINISHED
        assert digest(run) == digest(bare)
        assert {samples.epoch for samples in sink.sampled} == expected.keys()
        for samples in sink.sampled:
            assert np.array_equal(samples.probabilities, expected[samples.epoch])
        [(_, predictions)] = sink.evaluations
        assert np.array_equal(predictions.probabilities, whole.evaluations[0][1].probabilities)


def test_the_samples_are_the_same_images_spread_over_the_test_set() -> None:
    data, sink = small_data(), KeepingSink()
    finish(small_run(data), sink)
    first, last = sink.sampled
    places = np.arange(24) * 190 // 24
    assert (first.step, first.epoch, last.step, last.epoch) == (4, 1.0, 8, 2.0)
    for samples in sink.sampled:
        assert np.array_equal(samples.images, data.test_indices[places])
        assert np.array_equal(samples.labels, data.test.labels.numpy()[places])
        assert samples.probabilities.sum(axis=1) == pytest.approx(np.ones(24))
    assert not np.array_equal(first.probabilities, last.probabilities)
    [(_, predictions)] = sink.evaluations
    assert np.allclose(last.probabilities, predictions.probabilities[places], atol=1e-6)


def test_without_validation_each_epoch_has_samples_and_a_small_test_set_is_shown_whole() -> None:
    sink = KeepingSink()
    finish(small_run(small_data(num_validation=0, num_test=7)), sink)
    assert [samples.epoch for samples in sink.sampled] == [1.0, 2.0]
    assert all(len(samples.labels) == 7 for samples in sink.sampled)


def test_short_epochs_share_their_samples_and_the_last_one_has_its_own() -> None:
    sink, still = KeepingSink(), lambda: 5.0
    train(
        small_run(epochs=6),
        ScriptedControl(),
        sink,
        CountedLease(),
        hooks=[AnswerRecorder],
        clock=still,
    )
    assert [samples.epoch for samples in sink.sampled] == [1.0, 6.0]


def test_the_evaluation_has_the_figures_of_the_test_row_and_is_kept_before_the_end() -> None:
    data, run, sink = small_data(), small_run(), KeepingSink()
    finish(run, sink)
    [(evaluation, predictions)] = sink.evaluations
    [row] = [row for row in sink.metric_rows if row.split == "test"]
    assert (evaluation.loss, evaluation.accuracy, evaluation.mse) == (
        row.loss,
        row.accuracy,
        row.mse,
    )
    assert (evaluation.step, evaluation.epoch, evaluation.split) == (8, 2.0, "test")
    assert (evaluation.reason, evaluation.generation, evaluation.dataset) == ("final", 1, "digits")
    assert evaluation.num_parameters == run.num_parameters
    assert evaluation.weights_bytes == 4 * run.num_parameters
    assert evaluation.test_s == 2 * 3.0, "two chunks, between whose four looks lie three seconds"
    assert np.array_equal(predictions.images, data.test_indices)
    assert np.array_equal(predictions.labels, data.test.labels.numpy())
    assert sink.story.index(("evaluation", "final")) < sink.story.index(("checkpoint", "final"))


def test_the_figures_equal_those_of_scikit_learn_on_the_stored_probabilities() -> None:
    sink = KeepingSink()
    finish(small_run(small_data(num_test=600), epochs=8, learning_rate=0.01), sink)
    [(evaluation, predictions)] = sink.evaluations
    predicted, classes = predictions.probabilities.argmax(axis=1), range(10)
    expected = confusion_matrix(predictions.labels, predicted, labels=classes)
    assert evaluation.confusion == tuple(map(tuple, expected.tolist()))
    assert evaluation.accuracy == accuracy_score(predictions.labels, predicted)
    loss = log_loss(predictions.labels, predictions.probabilities, labels=classes)
    assert evaluation.loss == pytest.approx(loss, rel=1e-5)
    figures = precision_recall_fscore_support(
        predictions.labels, predicted, labels=classes, zero_division=np.nan
    )
    for number, scores in enumerate(class_scores(evaluation.confusion)):
        assert scores.support == figures[3][number]
        for found, theirs in zip(scores[:3], (each[number] for each in figures[:3]), strict=True):
            assert (found is None) == np.isnan(theirs)
            assert found is None or found == pytest.approx(theirs)
