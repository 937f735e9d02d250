"""Sessions side by side: figures, differences, the best, and when there is nothing to compare."""

from __future__ import annotations

import math

import pytest

from mnist_tui.training.analysis.comparison import Comparison, Member, compare_sessions
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.sessions.active_time import ActiveTime
from tests.training.comparisons import NAN, columns, measured, validated

METRIC = {metric.name: metric for metric in METRICS}


def value(comparison: Comparison, session_id: int, name: str) -> float | None:
    return member(comparison, session_id).values[name]


def member(comparison: Comparison, session_id: int) -> Member:
    return next(m for m in comparison.members if m.record.id == session_id)


def difference(comparison: Comparison, session_id: int, name: str) -> float | None:
    return comparison.difference(METRIC[name], member(comparison, session_id))


def test_every_figure_is_what_was_worked_out_by_hand() -> None:
    session = measured(
        7,
        train=columns([0.5, 1, 1.5, 2], [2.0, 1.0, 0.6, 0.4], [0.2, 0.4, 0.8, 0.9]),
        val=columns([1, 2], [0.9, 1.0], [0.70, 0.60], mse=[0.05, 0.06]),
        test=columns([2], [0.7], [0.65], mse=[0.04]),
        epochs_done=2,
        num_parameters=225_034,
        checkpoint_bytes=2_700_000,
        peak_memory_bytes=412_000_000,
        ece=0.02,
        outlier_auroc=0.93,
    )
    comparison = compare_sessions([session, validated(8, 0.5)], accuracy=0.7)
    expected = {
        "val_accuracy": 0.60,
        "val_accuracy_best": 0.70,
        "val_accuracy_best_epoch": 1.0,
        "test_accuracy": 0.65,
        "train_accuracy": 0.85,
        "train_accuracy_best": 0.85,
        "accuracy_gap": 0.25,
        "val_loss": 1.0,
        "val_loss_best": 0.9,
        "test_loss": 0.7,
        "train_loss": 0.5,
        "train_loss_best": 0.5,
        "val_mse": 0.06,
        "test_mse": 0.04,
        "test_ece": 0.02,
        "outlier_auroc": 0.93,
        "epochs_to_accuracy": 1.0,
        "seconds_to_accuracy": 5.0,
        "loss_fall_per_epoch": 1.0,
        "loss_fall_rate": 1 - 0.5 / 1.5,
        "accuracy_sd": math.sqrt(0.005),
        "loss_sd": math.sqrt(0.005),
        "images_per_s": 300.0,
        "batches_per_s": 2.0,
        "seconds_per_epoch": 5.0,
        "epochs_done": 2.0,
        "trained_s": 10.0,
        "peak_memory_bytes": 412_000_000,
        "num_parameters": 225_034,
        "checkpoint_bytes": 2_700_000,
    }
    assert dict(member(comparison, 7).values) == pytest.approx(expected)


def test_a_session_that_measured_nothing_has_no_figures_and_none_is_nan() -> None:
    nothing = measured(1, epochs_done=0)
    odd = measured(2, val=columns([1], [NAN], [NAN]), train=columns([1], [NAN], [NAN]))
    comparison = compare_sessions([nothing, odd])
    values = member(comparison, 1).values
    assert {name for name, figure in values.items() if figure is not None} == {"epochs_done"}
    for row in comparison.members:
        assert not any(figure is not None and math.isnan(figure) for figure in row.values.values())
    assert comparison.question.accuracy is None


def test_time_to_the_accuracy_leaves_pauses_out() -> None:
    # In running from 1000 to 1004 and again from 1104; epoch 2 is measured at 1110.
    active = ActiveTime((1000.0, 1104.0), (1004.0, math.inf), (0.0, 4.0))
    val = columns([1, 2], [1.0, 0.5], [0.5, 0.9], time=[1004.0, 1110.0])
    comparison = compare_sessions(
        [measured(1, val=val, active=active), validated(2, 0.5)], accuracy=0.9
    )
    assert value(comparison, 1, "seconds_to_accuracy") == 10.0
    assert value(comparison, 1, "trained_s") == 10.0


def test_an_accuracy_whose_time_was_not_written_has_no_time_to_it() -> None:
    val = columns([1, 2], [1.0, 0.5], [0.5, 0.9], time=[1004.0, NAN])
    comparison = compare_sessions([measured(1, val=val), validated(2, 0.5)], accuracy=0.9)
    assert value(comparison, 1, "epochs_to_accuracy") == 2.0
    assert value(comparison, 1, "seconds_to_accuracy") is None


def test_differences_are_taken_to_the_first_or_to_the_chosen_baseline() -> None:
    sessions = [validated(1, 0.90), validated(2, 0.96), validated(3, 0.93)]
    first = compare_sessions(sessions)
    assert difference(first, 1, "val_accuracy") is None
    assert difference(first, 2, "val_accuracy") == pytest.approx(0.06)
    third = compare_sessions(sessions, baseline_id=3)
    assert third.baseline.record.id == 3
    assert difference(third, 1, "val_accuracy") == pytest.approx(-0.03)
    assert difference(third, 3, "val_accuracy") is None


def test_parameters_that_differ_are_told_in_the_order_of_the_form() -> None:
    comparison = compare_sessions(
        [
            validated(1, 0.9),
            validated(2, 0.9, learning_rate=0.1, filters="8-16"),
            validated(3, 0.9, seed=4),
        ]
    )
    assert comparison.parameters == ("seed", "filters", "learning_rate")
    assert member(comparison, 1).differing == ()
    assert member(comparison, 2).differing == ("filters", "learning_rate")
    assert member(comparison, 3).differing == ("seed",)


def test_a_parameter_that_an_old_record_lacks_has_its_default() -> None:
    old, new = validated(1, 0.9), validated(2, 0.9)
    del old.record.parameters["augmentation"]
    assert compare_sessions([old, new]).parameters == ()


def test_the_best_is_the_highest_accuracy_and_the_lowest_loss() -> None:
    comparison = compare_sessions([validated(1, 0.90), validated(2, 0.96), validated(3, 0.96)])
    assert comparison.best(METRIC["val_accuracy"]) == {2, 3}
    assert comparison.best(METRIC["val_loss"]) == {2, 3}


@pytest.mark.parametrize(
    ("sessions", "name"),
    [
        ([validated(1, 0.9), validated(2, 0.9)], "val_accuracy"),  # all the same
        ([validated(1, 0.9), measured(2)], "val_accuracy"),  # nothing to be better than
        ([validated(1, 0.9, epochs_done=1), validated(2, 0.9, epochs_done=2)], "epochs_done"),
    ],
)
def test_there_is_no_best_where_none_can_be_told(sessions: list[object], name: str) -> None:
    assert compare_sessions(sessions).best(METRIC[name]) == frozenset()  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"dataset": "mnist"}, {"validation": 300}])
def test_scores_on_different_data_are_not_compared_but_size_and_speed_are(
    other: dict[str, object],
) -> None:
    comparison = compare_sessions(
        [
            validated(1, 0.90, num_parameters=10),
            validated(2, 0.99, num_parameters=30, **other),
            validated(3, 0.95, num_parameters=20),
        ]
    )
    assert not member(comparison, 2).has_same_data
    assert difference(comparison, 2, "val_accuracy") is None
    assert difference(comparison, 2, "num_parameters") == 20
    assert difference(comparison, 3, "val_accuracy") == pytest.approx(0.05)
    assert comparison.best(METRIC["val_accuracy"]) == {3}
    assert comparison.best(METRIC["num_parameters"]) == {1}


def test_input_and_seed_are_not_different_data() -> None:
    comparison = compare_sessions(
        [validated(1, 0.9), validated(2, 0.95, normalization="standard", seed=3)]
    )
    assert difference(comparison, 2, "val_accuracy") == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("accuracies", "accuracy"),
    [
        ((0.985, 0.91), 0.98),  # one got there
        ((0.98, 0.5), 0.98),
        ((0.9799, 0.9333), 0.93),  # what all reached, rounded down
        ((0.29, 0.9), 0.29),  # exactly a per cent stays it
        ((0.004, 0.9), None),
    ],
)
def test_the_accuracy_to_reach_is_one_that_says_something(
    accuracies: tuple[float, float], accuracy: float | None
) -> None:
    sessions = [validated(index, best, best / 2) for index, best in enumerate(accuracies, 1)]
    assert compare_sessions(sessions).question.accuracy == accuracy


def test_a_session_without_validation_is_judged_by_its_training() -> None:
    train = columns([1, 2], [0.4, 0.2], [0.90, 0.99])
    without = measured(1, train=train, validation=0)
    comparison = compare_sessions([without, measured(2, train=train, validation=0)], accuracy=0.95)
    assert comparison.question.split == "train"
    assert value(comparison, 1, "epochs_to_accuracy") == 2.0
    with_validation = compare_sessions(
        [measured(1, train=train), measured(2, train=train)], accuracy=0.95
    )
    assert with_validation.question.split == "val"
    assert value(with_validation, 1, "epochs_to_accuracy") is None


def test_every_metric_has_a_unique_name_and_a_meaning() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert all(metric.meaning for metric in METRICS)


def test_only_speed_size_and_progress_are_compared_across_data() -> None:
    assert {metric.name for metric in METRICS if not metric.needs_same_data} == {
        "images_per_s",
        "batches_per_s",
        "epochs_done",
        "trained_s",
        "peak_memory_bytes",
        "num_parameters",
        "checkpoint_bytes",
    }
