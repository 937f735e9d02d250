from __future__ import annotations

from typing import Any

import pytest

from mnist_tui.training.parameters.hyperparameters import ParameterError
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH, check_label
from mnist_tui.training.parameters.sweep import MAX_SESSIONS, alternatives, plan, plan_and_resolve
from tests.sizes import even_sizes


def problems(**given: Any) -> dict[str, str]:
    with pytest.raises(ParameterError) as refused:
        plan_and_resolve(given, sizes=even_sizes({"digits": 1_500}), default_threads=1)
    return {problem.field: problem.message for problem in refused.value.problems}


def test_one_value_is_one_session_under_the_name_that_was_given() -> None:
    for name in ("", "mine"):
        (only,) = plan({"learning_rate": "0.1", "epochs": 3}, name)
        assert (only.name, only.differs) == (name, {})
        assert only.parameters == {"learning_rate": "0.1", "epochs": 3}


def test_two_values_are_two_sessions_named_after_what_differs() -> None:
    first, second = plan({"learning_rate": "0.1, 0.01", "epochs": "3"})
    assert [first.parameters["learning_rate"], second.parameters["learning_rate"]] == [
        "0.1",
        "0.01",
    ]
    assert [first.name, second.name] == ["cnn-digits lr=0.1", "cnn-digits lr=0.01"]
    assert second.differs == {"learning_rate": "0.01"}


def test_alternatives_of_several_fields_are_combined_the_last_changing_fastest() -> None:
    plans = plan({"optimizer": "sgd,adam", "batch_size": "32,64"}, "try")
    assert [each.name for each in plans] == [
        "try opt=sgd bs=32",
        "try opt=sgd bs=64",
        "try opt=adam bs=32",
        "try opt=adam bs=64",
    ]


def test_model_and_dataset_stand_in_a_generated_name_once() -> None:
    plans = plan({"model": "cnn,lenet", "seed": "1,2"})
    assert [each.name for each in plans][1:3] == ["cnn-digits seed=2", "lenet-digits seed=1"]


def test_a_list_is_one_value_and_lists_may_be_alternatives() -> None:
    assert alternatives("filters", "32-64") == ["32-64"]
    assert alternatives("filters", "32-64,16-32") == ["32-64", "16-32"]
    assert alternatives("filters", [32, 64]) == [[32, 64]]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("learning_rate", "0.1,", "missing beside a comma"),
        ("learning_rate", ",", "missing beside a comma"),
        ("learning_rate", "0.1,0.10", "0.10 stands there twice"),
        ("learning_rate", "0.1,fast", "needs a number, not 'fast'"),
        ("learning_rate", "0.1,0", "must be greater than 0"),
        ("validation", "1,000", "write 1000 for one number"),
        ("batch_size", "64,9999", "larger than the data"),
        ("dropout", "0.1,nan", "finite"),
        ("seed", ",".join(map(str, range(100_000))), "64 at most"),
    ],
)
def test_what_cannot_be_an_alternative_is_told_with_its_field(
    field: str, value: str, says: str
) -> None:
    wrong = problems(**{field: value})
    assert set(wrong) == {field}
    assert says in wrong[field]


def test_no_more_than_a_screenful_of_sessions_is_made_at_once() -> None:
    eight = ",".join(map(str, range(1, 9)))
    assert len(plan({"seed": eight, "epochs": eight})) == MAX_SESSIONS
    wrong = problems(seed=eight, epochs=eight, batch_size="32,64")
    assert "makes 128 sessions; 64 at most" in wrong["seed"]


def test_the_other_fields_are_checked_too_where_alternatives_are_wrong() -> None:
    wrong = problems(learning_rate="0.1,", epochs="0", device="gpu7", seed="1,2")
    assert set(wrong) == {"learning_rate", "epochs", "device"}


def test_a_problem_that_several_sessions_share_is_told_once() -> None:
    assert problems(seed="1,2,3", epochs="0") == {"epochs": "must be at least 1, not 0"}


@pytest.mark.parametrize("name", ["", "n" * MAX_LABEL_LENGTH, "n" * 50])
def test_every_name_is_a_label_and_no_two_are_alike(name: str) -> None:
    plans = plan({"learning_rate": "0.12345678,0.2", "weight_decay": "0.001,0.01"}, name)
    names = [check_label(each.name) for each in plans]
    assert len(set(names)) == 4


def test_a_range_of_seeds_means_each_of_them_and_goes_with_others() -> None:
    assert alternatives("seed", "0-4") == ["0", "1", "2", "3", "4"]
    assert alternatives("seed", "7, 1-2") == ["7", "1", "2"]
    assert alternatives("batch_size", "32-64") == ["32-64"]
    assert [each.name for each in plan({"seed": "8-9"}, "try")] == ["try seed=8", "try seed=9"]


@pytest.mark.parametrize("text", ["4-0", "3-3", "0-64", "0-9999999999"])
def test_a_range_that_falls_or_is_too_long_is_refused(text: str) -> None:
    assert "must rise" in problems(seed=text)["seed"]
