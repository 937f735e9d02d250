"""Training, validation and test images: sizes, numbers, and refusals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.storage.datasets.dataset_folder import DatasetSizes
from mnist_tui.storage.datasets.idx_files import load_split
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitError, split_sizes
from mnist_tui.training.parameters.splits import SplitIndices, split_indices

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CLASSES = 10


def some_classes(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, CLASSES, count).astype(np.uint8)


TRAIN, TEST = some_classes(1_000), some_classes(200, seed=1)
ALL = np.concatenate([TRAIN, TEST])


def split(**given: Any) -> SplitIndices:
    return split_indices(TRAIN, TEST, CLASSES, SplitChoice(**given))


def refused(**given: Any) -> tuple[str, str]:
    with pytest.raises(SplitError) as caught:
        split(**given)
    return caught.value.field, str(caught.value)


def counts(numbers: NDArray[np.int64], classes: NDArray[np.uint8] = ALL) -> list[int]:
    found: list[int] = np.bincount(classes[numbers], minlength=CLASSES).tolist()
    return found


# Standard


def test_everything_is_used_in_the_order_of_the_files() -> None:
    train, validation, test = split(validation=300)
    assert train.tolist() == list(range(700))
    assert validation.tolist() == list(range(700, 1_000))
    assert test.tolist() == list(range(1_000, 1_200))


def test_a_subset_is_the_first_images_of_each_class_in_the_order_of_the_file() -> None:
    train, validation, test = split(subset=300, validation=40)
    chosen = np.concatenate([train, validation])
    assert (len(train), len(validation), len(test)) == (260, 40, 200)
    assert counts(chosen) == [30] * CLASSES
    assert np.all(np.diff(chosen) > 0)
    for number in range(CLASSES):
        of_class = np.flatnonzero(number == TRAIN)
        assert set(chosen) & set(of_class) == set(of_class[:30])


def test_a_fraction_has_the_same_share_of_each_class_and_the_order_of_the_file() -> None:
    train, _, test = split(fraction=0.25, validation=0)
    assert counts(train) == [round(0.25 * count) for count in counts(np.arange(1_000))]
    assert np.all(np.diff(train) > 0)
    assert len(test) == 200


def test_a_fraction_is_drawn_by_the_seed_and_a_larger_one_has_the_smaller_in_it() -> None:
    quarter = split(fraction=0.25, validation=0, seed=3).train
    assert np.array_equal(quarter, split(fraction=0.25, validation=0, seed=3).train)
    assert not np.array_equal(quarter, split(fraction=0.25, validation=0, seed=4).train)
    assert set(quarter) <= set(split(fraction=0.5, validation=0, seed=3).train)


def test_a_fraction_is_the_same_for_ever() -> None:
    classes = (np.arange(40) % CLASSES).astype(np.uint8)
    train = split_indices(classes, TEST, CLASSES, SplitChoice(fraction=0.5, validation=0)).train
    assert train.tolist() == [
        1, 4, 8, 9, 11, 12, 13, 15, 17, 19, 20, 22, 25, 26, 27, 30, 33, 34, 36, 38,
    ]  # fmt: skip


def test_the_whole_as_a_fraction_is_the_whole() -> None:
    assert split(fraction=1.0, validation=0).train.tolist() == list(range(1_000))


# Pooled


@pytest.mark.parametrize("size", [3, 4, 7, 96, 97, 6_000, 12_345])
def test_pooled_divides_as_scikit_learn_does(size: int) -> None:
    from sklearn.model_selection import train_test_split

    train_classes, test_classes = some_classes(size - size // 7), some_classes(size // 7)
    train, held_out = train_test_split(np.arange(size), test_size=0.4, random_state=42)
    test, validation = train_test_split(held_out, test_size=0.5, random_state=42)
    found = split_indices(train_classes, test_classes, CLASSES, SplitChoice(split="pooled"))
    assert np.array_equal(found.train, train)
    assert np.array_equal(found.validation, validation)
    assert np.array_equal(found.test, test)


def test_a_pooled_subset_takes_the_first_of_each_class_of_both_files_class_by_class() -> None:
    from sklearn.model_selection import train_test_split

    # More of each class than the training file alone has.
    each = min(counts(np.arange(1_200)))
    chosen = np.concatenate([np.flatnonzero(number == ALL)[:each] for number in range(CLASSES)])
    train, held_out = train_test_split(chosen, test_size=0.4, random_state=42)
    found = split(split="pooled", subset=each * CLASSES)
    assert np.array_equal(found.train, train)
    assert sorted([*found.validation, *found.test]) == sorted(held_out)


def test_the_published_recipe_has_the_published_classes(mnist_dir: Path) -> None:
    _, train = load_split(mnist_dir, "mnist", "train")
    _, test = load_split(mnist_dir, "mnist", "test")
    found = split_indices(train, test, CLASSES, SplitChoice(split="pooled", subset=6_000))
    classes = np.concatenate([train, test])
    assert counts(found.train, classes) == [327, 360, 353, 371, 357, 379, 372, 347, 361, 373]
    assert counts(found.validation, classes) == [146, 118, 123, 116, 114, 111, 114, 131, 114, 113]
    assert counts(found.test, classes) == [127, 122, 124, 113, 129, 110, 114, 122, 125, 114]


# Sizes


@given(
    st.lists(st.integers(1, 40), min_size=3, max_size=3),
    st.lists(st.integers(1, 40), min_size=3, max_size=3),
    st.sampled_from(["standard", "pooled"]),
    st.integers(1, 60) | st.none(),
    st.floats(0.01, 1) | st.none(),
    st.integers(0, 30) | st.none(),
)
def test_the_sizes_known_without_numpy_are_those_of_the_images(
    train: list[int],
    test: list[int],
    name: Any,
    subset: int | None,
    fraction: float | None,
    validation: int | None,
) -> None:
    choice = SplitChoice(subset, fraction, name, validation)
    in_train, in_test = (np.repeat(np.arange(3, dtype=np.uint8), each) for each in (train, test))
    try:
        sizes = split_sizes(DatasetSizes(tuple(train), tuple(test)), choice)
    except SplitError as error:
        with pytest.raises(SplitError, match=re.escape(str(error))):
            split_indices(in_train, in_test, 3, choice)
        return
    found = split_indices(in_train, in_test, 3, choice)
    assert tuple(map(len, found)) == sizes
    together = np.concatenate(found)
    assert len(set(together.tolist())) == len(together)


# What is refused


def test_a_subset_that_the_classes_cannot_share_says_what_would_do() -> None:
    largest = min(counts(np.arange(1_000))) * CLASSES
    field, text = refused(subset=305)
    assert field == "subset"
    assert text == (
        f"305 cannot be as many images of each of 10 classes; use 300 ({largest:,} at most)"
    )
    assert "; use 10 (" in refused(subset=3)[1]


def test_a_subset_larger_than_the_smallest_class_says_how_large_it_may_be() -> None:
    smallest = min(counts(np.arange(1_000)))
    field, text = refused(subset=1_000)
    assert field == "subset"
    assert text == (
        f"1,000 would be 100 images of each class, but the smallest has {smallest};"
        f" use {smallest * CLASSES:,} or less"
    )


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"subset": 100, "fraction": 0.5}, "fraction", "leave one of them out"),
        ({"split": "pooled", "fraction": 0.5}, "fraction", "use subset"),
        ({"split": "pooled", "validation": 0}, "validation", "sets a fifth aside by itself"),
        ({"subset": 100, "validation": 100}, "validation", "set aside fewer than 100"),
        ({"fraction": 0.001}, "fraction", "or more"),
    ],
)
def test_what_excludes_each_other_is_refused(given: dict[str, Any], field: str, words: str) -> None:
    refused_field, text = refused(**given)
    assert refused_field == field
    assert words in text


@pytest.mark.parametrize(
    "parameters",
    [{"subset": "many"}, {"fraction": [1]}, {"split": "zigzag"}, {"seed": -1}, {"subset": -10}],
)
def test_a_record_of_another_hand_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(SplitError, match="cannot be read"):
        SplitChoice.of(parameters)


def test_a_record_without_the_newer_parameters_uses_everything() -> None:
    assert SplitChoice.of({"dataset": "mnist", "validation": 5_000}).takes_all


def test_the_fraction_that_is_proposed_is_large_enough() -> None:
    proposed = float(refused(fraction=0.001)[1].split("; use ")[1].split(" ")[0])
    assert min(counts(split(fraction=proposed, validation=0).train)) == 1


def test_two_images_cannot_be_divided_by_three() -> None:
    with pytest.raises(SplitError, match="too few to be divided by three"):
        split_indices(TRAIN[:2], TEST[:0], CLASSES, SplitChoice(split="pooled"))
