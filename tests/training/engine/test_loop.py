from __future__ import annotations

import math
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch
from torch.nn import functional

from mnist_tui.storage.records import MetricRow, Position, Progress
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.interfaces import LeaseLostError
from mnist_tui.training.engine.loop import Outcome, train
from mnist_tui.training.engine.run_recorder import PROGRESS_INTERVAL_S
from mnist_tui.training.engine.sampling import epoch_order
from mnist_tui.training.engine.training_state import Best, Phase, TrainingState, next_phase
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.throughput import Throughput
from tests.training.worlds import (
    LOST,
    CountedLease,
    KeepingSink,
    ScriptedControl,
    digest,
    small_data,
    small_run,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.training.data.dataset import Split


def trained(
    run: TrainingState | None = None, script: dict[int, Trigger | str] | None = None, **given: Any
) -> tuple[Outcome, TrainingState, KeepingSink]:
    run, sink = run or small_run(**given), KeepingSink()
    return train(run, ScriptedControl(script), sink, CountedLease()), run, sink


def rows_of(sink: KeepingSink, split: str) -> list[MetricRow]:
    return [row for row in sink.metric_rows if row.split == split]


# What comes next


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Position(), Phase.TRAIN),
        (Position(step=3), Phase.TRAIN),
        (Position(step=4), Phase.VALIDATE),
        (Position(step=4, validated_epochs=1), Phase.TRAIN),
        (Position(step=8, validated_epochs=1), Phase.VALIDATE),
        (Position(step=8, validated_epochs=2), Phase.TEST),
        (Position(step=8, validated_epochs=2, is_tested=True), Phase.DONE),
    ],
)
def test_each_epoch_is_validated_and_the_test_comes_last(
    position: Position, expected: Phase
) -> None:
    assert next_phase(position, steps_per_epoch=4, epochs=2, has_validation=True) is expected


def test_without_validation_images_there_is_no_validation() -> None:
    phases = [
        next_phase(Position(step=step), steps_per_epoch=4, epochs=2, has_validation=False)
        for step in (4, 8)
    ]
    assert phases == [Phase.TRAIN, Phase.TEST]
    _, _, sink = trained(small_run(small_data(num_validation=0)))
    assert {row.split for row in sink.metric_rows} == {"train", "test"}


# Rows


def test_rows_come_every_few_batches_and_at_the_end_of_each_epoch() -> None:
    _, _, sink = trained(log_every=3)
    assert [(row.step, row.epoch) for row in rows_of(sink, "train")] == [
        (3, 0.75),
        (4, 1.0),
        (7, 1.75),
        (8, 2.0),
    ]
    assert [(row.step, row.epoch) for row in rows_of(sink, "val")] == [(4, 1.0), (8, 2.0)]
    assert [(row.step, row.epoch) for row in rows_of(sink, "test")] == [(8, 2.0)]
    assert {row.generation for row in sink.metric_rows} == {1}
    assert {row.learning_rate for row in sink.metric_rows} == {0.001}
    assert all(row.time.endswith("Z") for row in sink.metric_rows)


def test_a_training_row_is_the_mean_over_the_images_of_its_batches() -> None:
    _, _, single = trained(log_every=1)
    _, _, whole = trained(log_every=1000)
    sizes = [16, 16, 16, 2]
    batches = rows_of(single, "train")[:4]
    row = rows_of(whole, "train")[0]
    for name in ("loss", "accuracy", "mse"):
        mean = sum(getattr(batch, name) * size for batch, size in zip(batches, sizes, strict=True))
        assert getattr(row, name) == pytest.approx(mean / 50, rel=1e-6)


def test_the_first_row_is_what_a_plain_loop_computes() -> None:
    # With a learning rate too small to matter all batches see the first weights.
    run = small_run(learning_rate=1e-30, log_every=1, dropout=0)
    images = run.data.train.images[epoch_order(0, 0, 50)[:16]].float().unsqueeze(1) / 255
    labels = run.data.train.labels[epoch_order(0, 0, 50)[:16]]
    with torch.no_grad():
        probabilities = functional.softmax(run.model(images), dim=1)
    right = probabilities[torch.arange(16), labels]
    one_hot = torch.eye(10)[labels]
    _, _, sink = trained(run)
    row = sink.metric_rows[0]
    assert row.loss == pytest.approx(-right.log().mean().item(), rel=1e-5)
    assert row.accuracy == (probabilities.argmax(1) == labels).float().mean().item()
    # Keras: mean over the classes of each image, then over the images.
    assert row.mse == pytest.approx(
        (probabilities - one_hot).square().mean(1).mean().item(), rel=1e-5
    )


def test_validation_and_test_score_every_image_once_without_dropout() -> None:
    _, run, sink = trained()
    for split, row in (
        (run.data.validation, rows_of(sink, "val")[-1]),
        (run.data.test, rows_of(sink, "test")[-1]),
    ):
        expected_loss, expected_accuracy = score(run, split)
        assert row.loss == pytest.approx(expected_loss, rel=1e-5)
        assert row.accuracy == pytest.approx(expected_accuracy)


def score(run: TrainingState, split: Split) -> tuple[float, float]:
    run.model.eval()
    with torch.no_grad():
        logits = run.model(split.images.float().unsqueeze(1) / 255)
    loss = functional.cross_entropy(logits, split.labels).item()
    return loss, (logits.argmax(1) == split.labels).float().mean().item()


def test_evaluating_draws_no_random_numbers_and_returns_to_training_mode() -> None:
    run = small_run(dropout=0.9)
    for _ in range(4):
        run.train_step()
    before = torch.get_rng_state()
    run.evaluate_chunk()
    assert torch.equal(torch.get_rng_state(), before)
    assert run.model.training


def test_a_validation_that_is_not_finite_is_told_as_absent() -> None:
    _, _, first = trained(script={4: Trigger.STOP}, log_every=1)
    run = small_run()
    state_dict.restore(run, first.saved[-1].content)
    with torch.no_grad():
        run.model.get_parameter("dense2.bias").fill_(math.nan)
    sink = KeepingSink()
    sink.rows([*run.evaluate_chunk(), *run.evaluate_chunk()])
    sink.progress(run.progress(Throughput()))
    assert [(row.split, row.loss, row.mse) for row in sink.metric_rows] == [("val", None, None)]
    for told in (*sink.metric_rows, *sink.told):
        numbers = [value for value in msgspec.to_builtins(told).values() if type(value) is float]
        assert all(math.isfinite(number) for number in numbers)


def test_training_learns() -> None:
    _, _, sink = trained(
        small_run(small_data(num_train=500), epochs=8, learning_rate=0.01, dropout=0)
    )
    assert rows_of(sink, "test")[-1].accuracy == pytest.approx(1.0, abs=0.2)
    assert sink.told[-1].test_accuracy == rows_of(sink, "test")[-1].accuracy


# Commands


def test_a_pause_saves_and_trains_nothing_until_it_is_resumed() -> None:
    _, _, sink = trained(script={2: Trigger.PAUSE}, log_every=1)
    assert sink.story[2:9] == [
        ("seen", "pause", 2),
        ("checkpoint", "pause"),
        ("done", "pause", 2),
        ("seen", "resume", 2),
        ("done", "resume", 2),
        ("row", "train"),
        ("row", "train"),
    ]


def test_figures_are_up_to_date_when_a_pause_is_reported() -> None:
    sink = KeepingSink()
    control = ScriptedControl({3: Trigger.PAUSE}, after_pause=[LOST])
    assert train(small_run(), control, sink, CountedLease()) is Outcome.ORPHANED
    assert sink.told[-1].position == Position(step=3)


def test_a_stop_saves_once_and_leaves() -> None:
    outcome, run, sink = trained(script={3: Trigger.STOP}, log_every=1)
    assert outcome is Outcome.STOPPED
    assert run.position == Position(step=3)
    assert sink.story[3:] == [("seen", "stop", 3), ("checkpoint", "stop"), ("done", "stop", 3)]


def test_a_stop_while_paused_needs_no_second_checkpoint() -> None:
    sink = KeepingSink()
    control = ScriptedControl({1: Trigger.PAUSE}, after_pause=[Trigger.STOP])
    assert train(small_run(), control, sink, CountedLease()) is Outcome.STOPPED
    assert [saved.reason for saved in sink.saved] == ["pause"]
    assert sink.story[-2:] == [("seen", "stop", 1), ("done", "stop", 1)]


def test_a_stop_right_after_a_restart_needs_no_second_checkpoint() -> None:
    _, _, first = trained(script={2: Trigger.STOP})
    run = small_run()
    state_dict.restore(run, first.saved[-1].content)
    outcome, _, sink = trained(run, script={0: Trigger.STOP})
    assert outcome is Outcome.STOPPED
    assert sink.saved == []


def test_a_resume_that_nobody_needs_is_answered_and_changes_nothing() -> None:
    _, undisturbed, _ = trained()
    outcome, run, sink = trained(script={2: Trigger.RESUME})
    assert outcome is Outcome.FINISHED
    assert ("done", "resume", 2) in sink.story
    assert digest(run) == digest(undisturbed)


@pytest.mark.parametrize("turn", [0, 3, 5])
def test_without_a_supervisor_the_training_saves_and_leaves(turn: int) -> None:
    outcome, run, sink = trained(script={turn: LOST})
    assert outcome is Outcome.ORPHANED
    assert [saved.reason for saved in sink.saved][-1] == "orphaned"
    assert sink.saved[-1].position == run.position


def test_a_pause_that_loses_its_supervisor_is_saved_already() -> None:
    sink = KeepingSink()
    control = ScriptedControl({2: Trigger.PAUSE}, after_pause=[LOST])
    assert train(small_run(), control, sink, CountedLease()) is Outcome.ORPHANED
    assert [saved.reason for saved in sink.saved] == ["pause"]


# Checkpoints


def test_nothing_is_saved_once_a_newer_worker_owns_the_session() -> None:
    sink, lease = KeepingSink(), CountedLease(lost_at_check=2)
    with pytest.raises(LeaseLostError):
        train(small_run(checkpoint_every=0), ScriptedControl(), sink, lease)
    assert len(sink.saved) == 1


def test_the_end_is_saved_after_the_test() -> None:
    outcome, run, sink = trained()
    assert outcome is Outcome.FINISHED
    # The best one may still be on its way while the test goes on.
    story = [entry for entry in sink.story if entry != ("checkpoint", "best")]
    assert story[-2:] == [("row", "test"), ("checkpoint", "final")]
    assert sink.saved[-1].position == Position(step=8, validated_epochs=2, is_tested=True)
    assert sink.told[-1].position == run.position


def test_a_training_that_is_over_stays_over() -> None:
    _, _, first = trained()
    run = small_run()
    state_dict.restore(run, first.saved[-1].content)
    outcome, _, sink = trained(run)
    assert outcome is Outcome.FINISHED
    assert sink.story == []


def test_checkpoints_come_by_the_clock_while_training() -> None:
    ticks = clock_of(1.0)
    sink = KeepingSink()
    run = small_run(small_data(num_validation=0), epochs=10, checkpoint_every=30)
    train(run, ScriptedControl(), sink, CountedLease(), clock=lambda: next(ticks))
    steps = [saved.position.step for saved in sink.saved if saved.reason == "periodic"]
    assert 3 <= len(steps) <= 7
    gaps = [later - earlier for earlier, later in pairwise(steps)]
    assert set(gaps) == {gaps[0]}


def test_checkpoints_come_after_each_step_where_no_time_is_to_pass_between_them() -> None:
    _, _, sink = trained(checkpoint_every=0)
    periodic = [saved.position.step for saved in sink.saved if saved.reason == "periodic"]
    assert periodic == list(range(1, 9))


def test_each_new_best_is_saved_and_the_first_of_equals_keeps_its_place() -> None:
    run = small_run(small_data(num_train=200), epochs=12, learning_rate=0.01, dropout=0)
    _, _, sink = trained(run)
    accuracies = [row.accuracy for row in rows_of(sink, "val")]
    best = -1.0
    expected: list[int] = []
    for epoch, accuracy in enumerate(accuracies, start=1):
        assert accuracy is not None
        if accuracy > best:
            best, expected = accuracy, [*expected, epoch]
    assert len(expected) >= 2
    assert [saved.epoch for saved in sink.saved if saved.is_best and saved.reason == "best"] == (
        expected
    )
    assert sink.told[-1].best_epoch == expected[-1]
    assert sink.told[-1].best_val_accuracy == best


def test_equal_validation_does_not_replace_the_best() -> None:
    _, run, sink = trained(learning_rate=1e-30)
    first, second = rows_of(sink, "val")
    assert first.accuracy == second.accuracy
    assert first.accuracy is not None
    assert run.best == Best(first.accuracy, 1)
    assert [saved.reason for saved in sink.saved] == ["best", "final"]
    assert not sink.saved[-1].is_best


def test_the_last_checkpoint_says_when_it_is_the_best_as_well() -> None:
    _, _, sink = trained(epochs=1)
    assert [(saved.reason, saved.is_best) for saved in sink.saved] == [
        ("best", True),
        ("final", True),
    ]


# Figures


def test_figures_are_told_a_few_times_a_second_and_at_each_milestone() -> None:
    ticks = clock_of(PROGRESS_INTERVAL_S / 40)
    sink = KeepingSink()
    run = small_run(small_data(num_train=1600), checkpoint_every=86_400, log_every=1)
    pace = Throughput()
    train(run, ScriptedControl(), sink, CountedLease(), throughput=pace, clock=lambda: next(ticks))
    steps = [progress.position.step for progress in sink.told]
    assert 20 < len(steps) < 60
    for milestone in (
        Position(step=100),
        Position(step=100, validated_epochs=1),
        Position(step=200, validated_epochs=2),
        Position(step=200, validated_epochs=2, is_tested=True),
    ):
        assert milestone in [progress.position for progress in sink.told]
    assert sink.told[-1] == run.progress(pace)
    assert sink.told[0].images_per_s is None
    assert sink.told[-1].images_per_s == pytest.approx(16 / (PROGRESS_INTERVAL_S / 40))
    assert [told.eta_s for told in sink.told if told.eta_s is not None][-1] == 0


def test_the_figures_of_a_restored_training_are_those_it_had() -> None:
    _, _, first = trained(script={7: Trigger.STOP})
    run = small_run()
    state_dict.restore(run, first.saved[-1].content)
    unlike = {"images_per_s": None, "eta_s": None, "peak_memory_bytes": 0}
    again = msgspec.structs.replace(run.progress(Throughput()), **unlike)
    assert again == msgspec.structs.replace(first.told[-1], **unlike)
    assert again.train_loss is not None
    assert again.val_accuracy is not None
    assert isinstance(again, Progress)


def clock_of(tick_s: float) -> Iterator[float]:
    """A clock that moves on by one tick each time it is asked."""
    return (number * tick_s for number in count())


# Whereabouts


def test_what_is_being_done_is_said_before_it_is_done() -> None:
    _, _, sink = trained(script={2: Trigger.PAUSE})
    assert sink.activities == [
        ("training", 0),
        ("training", 1),
        ("saving", 2),
        ("paused", 2),
        ("training", 2),
        ("training", 3),
        ("validating", 4),
        ("validating", 4),
        *(("training", step) for step in range(4, 8)),
        ("validating", 8),
        ("validating", 8),
        ("testing", 8),
        ("testing", 8),
        ("saving", 8),
    ]
