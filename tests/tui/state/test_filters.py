from __future__ import annotations

import msgspec
import pytest

from mnist_tui.storage.records import SessionRecord, SessionState, StudyPlace
from mnist_tui.tui.state.filters import FilterError, parse_filter
from tests.tui.samples import make_record


def record_of(**parameters: object) -> SessionRecord:
    record = make_record(
        12, name="wide-kernels", train_loss=0.25, train_accuracy=0.9, val_accuracy=0.985
    )
    record.parameters.update(parameters)
    place = StudyPlace(run="rates", row="large")
    return msgspec.structs.replace(record, tags=("night", "good"), note="after lunch", study=place)


MATCHING = [
    "",
    "wide",
    "WIDE",
    "night",
    "lunch",
    "#12",
    "running",
    "digits cnn",
    "state:running",
    "state:queued,running",
    "model:cnn",
    "tag:good",
    "name:kern",
    "lr<0.01",
    "lr=0.001",
    "learning_rate>=0.001",
    "batch_size:64",
    "val>98",
    "val>0.98",
    "val>98%",
    "acc<=90",
    "loss<0.3 val>0.9",
    "epoch>3",
    "!failed",
    "!state:failed",
    "!tag:old",
    "state!=failed",
    "id:12",
    "study:rates",
    "study:other,rates",
]
NOT_MATCHING = [
    "narrow",
    "state:paused",
    "state:held",
    "lr<0.001",
    "val>98.6",
    "val>99 wide",
    "!wide",
    "!state:running",
    "state!=running",
    "tag:nigh",
    "test>0",
    "dropout>0.9",
    "id:1",
    "study:rate",
    "!study:rates",
]


@pytest.mark.parametrize("text", MATCHING)
def test_a_session_is_let_through(text: str) -> None:
    assert parse_filter(text)(record_of())


@pytest.mark.parametrize("text", NOT_MATCHING)
def test_a_session_is_left_out(text: str) -> None:
    assert not parse_filter(text)(record_of())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:red", "no field 'colour'; fields are id, name, state"),
        ("lr<", "needs a number"),
        ("val>much", "needs a number"),
        ("state:sleeping", "no state 'sleeping'"),
    ],
)
def test_what_cannot_be_understood_is_told(text: str, sentence: str) -> None:
    with pytest.raises(FilterError, match=sentence):
        parse_filter(text)


def test_a_held_session_is_found_as_held_and_not_as_queued() -> None:
    held = make_record(1, SessionState.QUEUED, is_held=True)
    assert parse_filter("state:held")(held)
    assert not parse_filter("state:queued")(held)


def test_lists_are_compared_as_they_are_written() -> None:
    assert parse_filter("filters:32-64")(record_of(filters=[32, 64]))
