"""Records that share what they have in common: smaller, and in no other way different."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from mnist_tui.storage.registry.record_pool import MAX_TABLES, RecordPool
from tests.storage.samples import sample_record

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord

PARAMETERS = {
    "model": "cnn",
    "epochs": 1,
    "dropout": 1.0,
    "filters": [32, 64],
    "kernel_size": None,
    "is_augmented": True,
}


def pooled(pool: RecordPool, record: SessionRecord) -> SessionRecord:
    """Return a record as it is read from a file."""
    return pool.decode(msgspec.json.encode(record))


def test_a_shared_record_is_the_record_that_was_written() -> None:
    written = sample_record(
        7, parameters=PARAMETERS, environment={"A": "b"}, tags=("x",), cause="a cause", step=3
    )
    pool = RecordPool()
    for _ in range(2):
        read = pooled(pool, written)
        assert read == written
        assert msgspec.json.encode(read) == msgspec.json.encode(written)


def test_values_that_are_equal_and_not_the_same_stay_apart() -> None:
    pool = RecordPool()
    values = [pooled(pool, sample_record(1, parameters={"x": x})) for x in (1, 1.0, True)]
    types = [type(record.parameters["x"]) for record in values]
    assert types == [int, float, bool]


def test_equal_parameters_are_one_object_and_similar_ones_share_their_values() -> None:
    pool = RecordPool()
    first, second, other = (
        pooled(pool, sample_record(number, parameters=parameters))
        for number, parameters in enumerate((PARAMETERS, PARAMETERS, PARAMETERS | {"epochs": 9}))
    )
    assert first.parameters is second.parameters
    assert other.parameters is not first.parameters
    assert other.parameters["filters"] is first.parameters["filters"]


def test_changing_a_copy_of_shared_parameters_changes_no_other_record() -> None:
    pool = RecordPool()
    first, second = (
        pooled(pool, sample_record(number, parameters=PARAMETERS)) for number in (1, 2)
    )
    assert {**first.parameters, "seed": 5}["seed"] == 5
    assert first.parameters | {"model": "lenet"} != second.parameters
    assert dict(second.parameters) == PARAMETERS


def test_a_known_record_that_is_told_again_stays_the_same_object() -> None:
    known = {1: sample_record(1), 2: sample_record(2)}
    pool = RecordPool(known)
    assert pooled(pool, known[1]) is known[1]
    assert pooled(pool, sample_record(2, step=9)) is not known[2]


def test_more_different_parameters_than_are_kept_are_read_all_the_same() -> None:
    pool = RecordPool()
    for number in range(MAX_TABLES + 3):
        record = pooled(pool, sample_record(number, parameters=PARAMETERS | {"seed": number}))
        assert record.parameters["seed"] == number


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        RecordPool().decode(b'{"id":1}')
