"""Sentences of a comparison: each rule where it holds and where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.analysis.comparison import compare_sessions
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from tests.training.comparisons import columns, measured, validated

if TYPE_CHECKING:
    from mnist_tui.training.analysis.comparison_metrics import Measured


def said(base: Measured, other: Measured) -> str:
    comparison = compare_sessions([base, other])
    return sentence(comparison, comparison.members[1])


def test_a_worse_session_is_told_with_what_was_changed_and_what_it_did() -> None:
    base = measured(8, val=columns([1, 2], [0.5, 0.4], [0.90, 0.951]))
    worse = measured(9, val=columns([1, 2], [0.6, 0.9], [0.90, 0.91]), learning_rate=0.1)
    assert said(base, worse) == (
        "#9 differs in learning_rate (0.1 against 0.001): validation accuracy 4.10 points lower;"
        " its loss rose after epoch 1 (from 0.6 to 0.9)."
    )


def test_a_better_session_is_told_so_and_an_equal_one_too() -> None:
    assert "validation accuracy 5.00 points higher" in said(validated(1, 0.9), validated(2, 0.95))
    assert "validation accuracy alike" in said(validated(1, 0.9), validated(2, 0.9004))


def test_the_baseline_is_only_told_to_be_it() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.9)])
    assert sentence(comparison, comparison.baseline) == "#1 is the baseline."


def test_no_more_than_three_parameters_are_named() -> None:
    other = validated(
        2, 0.9, seed=1, dropout=0.1, learning_rate=0.1, batch_size=30, epochs=7, epochs_done=5
    )
    assert said(validated(1, 0.9), other).startswith(
        "#2 differs in seed (1 against 0), dropout (0.1 against 0.5), learning_rate (0.1 against"
        " 0.001) and 2 more:"
    )


def test_a_parameter_that_does_not_apply_is_told_as_none() -> None:
    assert "momentum (0.5 against none)" in said(
        validated(1, 0.9), validated(2, 0.9, optimizer="sgd", momentum=0.5)
    )


def test_the_seed_alone_and_nothing_at_all_are_told_as_such() -> None:
    base = validated(1, 0.9)
    assert said(base, validated(2, 0.9, seed=5)).startswith("#2 differs from #1 in the seed alone:")
    assert said(base, validated(2, 0.9)).startswith("#2 has the parameters and the seed of #1:")


def test_different_data_says_no_more_than_that() -> None:
    assert said(validated(1, 0.9), validated(2, 0.99, dataset="mnist")) == (
        "#2 differs in dataset (mnist against digits) and validation (5000 against 150):"
        " different data, not comparable."
    )


def test_unequal_epochs_are_told_beside_the_accuracy() -> None:
    base, other = validated(1, 0.9, epochs_done=5), validated(2, 0.8, epochs_done=2)
    assert "10.00 points lower after 2 epochs against 5" in said(base, other)
    near = validated(2, 0.8, epochs_done=4.6)
    assert "epochs against" not in said(base, near)


def test_a_failed_session_says_why() -> None:
    failed = validated(2, 0.1, state=SessionState.FAILED, cause="loss became NaN at batch 44")
    assert "it failed (loss became NaN at batch 44)" in said(validated(1, 0.9), failed)
    assert "failed" not in said(validated(1, 0.9), validated(2, 0.1))


def test_what_has_no_accuracy_yet_is_told() -> None:
    assert said(validated(1, 0.9), measured(2, seed=3)).endswith(": no validation accuracy yet.")
    assert said(measured(1), validated(2, 0.9)).endswith("the baseline has no validation accuracy.")


def test_a_session_that_learnt_nothing_is_told() -> None:
    text = said(validated(1, 0.9), validated(2, 0.14, 0.12, learning_rate=0.5))
    assert "it never got beyond 14.00 %, near the 10 % of guessing" in text
    assert "guessing" not in said(validated(1, 0.9), validated(2, 0.21, 0.12))


@pytest.mark.parametrize(
    ("losses", "is_rising"),
    [
        ([0.5, 0.4, 0.45], True),
        ([0.5, 0.4, 0.43], False),  # by less than a tenth
        ([0.5, 0.4, 0.3], False),
        ([0.5, 0.2, 0.9, 0.19], False),  # it came down again
        ([0.5, 0.0], False),  # nothing can be less, and nothing came after
    ],
)
def test_a_loss_that_rose_for_good_is_told(losses: list[float], is_rising: bool) -> None:
    epochs = range(1, len(losses) + 1)
    other = measured(2, val=columns(epochs, losses, [0.9] * len(losses)))
    assert ("its loss rose after epoch 2" in said(validated(1, 0.9), other)) is is_rising


@pytest.mark.parametrize(
    ("train_accuracy", "is_told"), [(0.97, True), (0.935, True), (0.925, False), (0.80, False)]
)
def test_overfitting_is_training_further_ahead_than_in_the_baseline(
    train_accuracy: float, is_told: bool
) -> None:
    def session(session_id: int, accuracy: float) -> Measured:
        return measured(
            session_id,
            train=columns([1], [0.2], [accuracy]),
            val=columns([1], [0.3], [0.9]),
        )

    text = said(session(1, 0.92), session(2, train_accuracy))
    assert ("it overfits more" in text) is is_told
    if train_accuracy == 0.97:
        assert "training is 7.00 points ahead of validation (baseline 2.00)" in text


def test_what_only_guesses_does_not_overfit() -> None:
    base = measured(1, train=columns([1], [0.2], [0.5]), val=columns([1], [0.3], [0.9]))
    other = measured(2, train=columns([1], [2.3], [0.12]), val=columns([1], [2.3], [0.1]))
    text = said(base, other)
    assert "near the 10 % of guessing" in text
    assert "overfits" not in text


def test_a_training_behind_its_validation_does_not_overfit() -> None:
    base = measured(1, train=columns([1], [0.2], [0.50]), val=columns([1], [0.3], [0.9]))
    other = measured(2, train=columns([1], [0.2], [0.85]), val=columns([1], [0.3], [0.9]))
    assert "overfits" not in said(base, other)


def with_speed(session_id: int, seconds: float) -> Measured:
    return measured(session_id, train=columns([0.5, 1.0], time=[0.0, seconds]))


def test_a_speed_is_told_from_a_quarter_more_or_less_on() -> None:
    assert "2 times slower per image" in said(with_speed(1, 1.0), with_speed(2, 2.0))
    assert "2 times faster per image" in said(with_speed(1, 2.0), with_speed(2, 1.0))
    assert "per image" not in said(with_speed(1, 1.0), with_speed(2, 1.2))
    assert "per image" not in said(with_speed(1, 1.0), measured(2))


def test_notes_count_the_parameters_that_differ() -> None:
    base = validated(1, 0.9)
    assert notes(compare_sessions([base, validated(2, 0.9, learning_rate=0.1)])) == [
        "1 parameter differs: learning_rate."
    ]
    assert notes(compare_sessions([base, validated(2, 0.9, learning_rate=0.1, seed=2)]))[0] == (
        "2 parameters differ: seed, learning_rate."
    )


def test_notes_name_the_data_that_differ() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.9, validation=300)])
    assert "#2 has different data: not comparable (validation 300 against 150)." in notes(
        comparison
    )


def test_notes_name_sessions_with_the_same_other_data_together() -> None:
    others = [validated(index, 0.9, validation=300, seed=index) for index in (2, 3)]
    assert "#2 and #3 have different data: not comparable (validation 300 against 150)." in notes(
        compare_sessions([validated(1, 0.9), *others])
    )


def test_seeds_alone_give_mean_and_deviation_of_what_finished() -> None:
    # 90, 92, 94: mean 92, deviation sqrt((4 + 0 + 4) / 2) = 2
    sessions = [validated(index, 0.88 + 0.02 * index, seed=index) for index in (1, 2, 3)]
    running = validated(4, 0.10, seed=4, state=SessionState.RUNNING)
    assert notes(compare_sessions([*sessions, running]))[-1] == (
        "#1, #2, #3 and #4: same parameters, different seeds: final accuracy"
        " validation 92.00 ± 2.00 % (mean ± sd of 3 finished)."
    )


def test_seeds_have_no_mean_before_two_have_finished() -> None:
    running = [validated(index, 0.9, seed=index, state=SessionState.RUNNING) for index in (1, 2)]
    assert notes(compare_sessions(running))[-1] == "#1 and #2: same parameters, different seeds."


def test_one_that_has_finished_is_no_mean() -> None:
    running = validated(2, 0.9, seed=2, state=SessionState.RUNNING)
    assert notes(compare_sessions([validated(1, 0.9), running]))[-1] == (
        "#1 and #2: same parameters, different seeds."
    )


def test_seeds_are_grouped_by_their_other_parameters() -> None:
    sessions = [
        validated(1, 0.9, seed=1),
        validated(2, 0.9, seed=2),
        validated(3, 0.9, dropout=0.1),
    ]
    told = notes(compare_sessions(sessions))
    assert len(told) == 2
    assert told[1].startswith("#1 and #2: same parameters, different seeds")


def test_notes_say_where_training_stands_in_for_validation() -> None:
    told = "Convergence and stability go by training: not all have validation images."
    with_validation, without = validated(1, 0.9), measured(2, validation=0)
    assert told in notes(compare_sessions([with_validation, without]))
    assert told not in notes(compare_sessions([with_validation, validated(2, 0.9)]))


def test_the_same_run_twice_is_told() -> None:
    assert notes(compare_sessions([validated(1, 0.9), validated(2, 0.9)])) == [
        "All parameters are the same.",
        "#1 and #2: same parameters, same seed: final accuracy validation 90.00 ± 0.00 %"
        " (mean ± sd of 2 finished).",
    ]
