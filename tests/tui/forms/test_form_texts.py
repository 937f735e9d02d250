"""Initial contents of the form: of a clone, of a preset, and after it was left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.training.parameters.estimate import Duration, Likeness
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.parameters.split_sizes import SplitSizes
from mnist_tui.tui.forms.field_text import texts_of, was_text
from mnist_tui.tui.forms.form_draft import Drafts
from mnist_tui.tui.forms.form_estimate import Estimate, estimate, wall_s
from mnist_tui.tui.forms.preset_fill import NO_PRESET, PresetFilling
from mnist_tui.tui.widgets.estimate_text import estimate_text
from tests.sizes import even_sizes
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from pathlib import Path


def complete(**given: Any) -> dict[str, Any]:
    return to_plain(resolve(given, sizes=even_sizes({"digits": 1_500}), default_threads=2))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"model": "bn-cnn", "optimizer": "sgd", "momentum": 0.9, "filters": "8-8-8"},
        {"learning_rate": 0.123456789012345, "validation": 0, "device": "cpu", "threads": 7},
    ],
)
def test_the_texts_of_a_session_are_its_parameters(given: dict[str, Any]) -> None:
    parameters = complete(**given)
    assert complete(**texts_of(parameters)) == parameters


def test_what_is_the_default_is_left_open_so_that_it_follows_the_model() -> None:
    texts = texts_of(complete(filters="8-16"))
    assert texts["filters"] == "8-16"
    assert "dense_units" not in texts
    assert "learning_rate" not in texts


def test_a_session_of_a_model_that_is_not_known_here_can_still_be_looked_at() -> None:
    original = {**complete(learning_rate=0.5), "model": "from the future", "optimizer": None}
    typed = {"model": "cnn", "optimizer": "adam", **texts_of(original)}
    assert typed["learning_rate"] == "0.5"
    assert was_text("model", typed, original) == "from the future"


def test_a_choice_without_a_default_of_its_own_is_left_open_where_a_session_has_none() -> None:
    assert texts_of(complete(model="lenet", activation="relu"))["activation"] == "relu"
    assert "activation" not in texts_of({**complete(model="lenet"), "activation": None})


def test_a_field_tells_what_it_was_where_it_is_different() -> None:
    original = complete(learning_rate=0.01, filters="8-16", optimizer="sgd", momentum=0.5)
    typed = {"model": "cnn", "optimizer": "sgd", "learning_rate": "1e-2", "filters": "8"}
    assert was_text("learning_rate", typed, original) == ""
    assert was_text("filters", typed, original) == "8-16"
    assert was_text("epochs", {**typed, "epochs": "9"}, original) == "5"
    assert was_text("momentum", typed, original) == "0.5", "left open it is 0"
    assert was_text("momentum", {**typed, "optimizer": "adam"}, original) == ""
    assert was_text("optimizer", {**typed, "optimizer": "adam"}, original) == "sgd"
    assert was_text("epochs", {**typed, "epochs": "5,9"}, original) == "5"
    assert was_text("name", {**typed, "name": "x"}, original) == ""


def test_a_preset_is_taken_back_without_losing_what_was_typed() -> None:
    filling = PresetFilling()
    form = {"model": "cnn", "optimizer": "adam", "epochs": "7", "seed": "3"}

    def choose(preset: str) -> None:
        form.update(filling.choose(preset, form))

    choose("quick-look")
    assert (form["model"], form["epochs"], form["seed"]) == ("lenet", "5", "3")
    choose("one-cycle")
    assert (form["model"], form["epochs"], form["schedule"]) == ("bn-cnn", "3", "onecycle")
    form["batch_size"] = "64"
    choose(NO_PRESET)
    assert {name: text for name, text in form.items() if text} == {
        "model": "cnn", "optimizer": "adam", "epochs": "7", "seed": "3", "batch_size": "64",
    }  # fmt: skip


def test_every_form_keeps_its_own_draft_until_its_session_is_made() -> None:
    drafts = Drafts({"device": "cpu"})
    record = make_record(7)
    new, copy = drafts.of(None), drafts.of(record, [record.name])
    new.texts["epochs"] = "3"
    assert drafts.of(None).texts == {"device": "cpu", "epochs": "3"}
    assert drafts.of(record) is copy
    assert copy.texts["name"] == f"{record.name}-copy"
    drafts.forget(new)
    assert drafts.of(None).texts == {"device": "cpu"}
    assert drafts.of(record) is copy


@pytest.mark.parametrize(
    ("changes", "says", "says_not"),
    [
        ({}, "epoch 12.0s, 5 epochs 1m02 (as #3, 11,420 img/s)", "first of"),
        ({"first": Duration(0.25, 1.5)}, "epoch 0.25s, 5 epochs 1.50s", "!"),
        ({"alike": None, "first": None}, "not known yet, no session has trained alike", "as #"),
        ({"first": None}, "known once the data is here (as #3", "epoch "),
        ({}, "images: 3,600 train, 1,200 validation, 1,200 test", "!"),
        ({"images": None}, "epoch 12.0s", "images:"),
        ({"num_sessions": 4}, "first of 4; all of them: 2m04 in 2 slots", "!"),
        ({"num_sessions": 4, "wall_s": None}, "all of them: time not known yet", "!"),
        ({"short_bytes": 12_300_000}, "! only 12.3 MB left on the disk", "first of"),
    ],
)
def test_the_estimate_tells_what_is_known(
    changes: dict[str, Any], says: str, says_not: str
) -> None:
    known = Estimate(
        parameters=resolve({}, sizes=even_sizes({"digits": 1_500}), default_threads=2),
        num_sessions=1,
        summary={"num_parameters": 225_034, "layers": []},
        checkpoint_bytes=2_715_000,
        alike=Likeness(3, 11_420.0),
        images=SplitSizes(3_600, 1_200, 1_200),
        first=Duration(12.0, 62.0),
        wall_s=124.0,
        slots=2,
        short_bytes=None,
    )
    text = estimate_text(replace(known, **changes)).plain
    assert text.startswith("cnn: 225,034 weights, checkpoint 2.7 MB")
    assert says in text
    assert says_not not in text


async def test_little_room_on_the_disk_is_told_and_an_unknown_home_is_not(tmp_path: Path) -> None:
    wanted = [resolve({}, sizes=even_sizes({"digits": 1_500}), default_threads=2)]
    for num_weights, home, is_short in (
        (10**15, tmp_path, True),
        (10**15, tmp_path / "missing", False),
    ):
        summary = {"num_parameters": num_weights, "num_trained": 0, "layers": []}
        known = await estimate(wanted, summary, None, [], slots=2, home=home)
        assert (known.short_bytes is not None) == is_short


async def test_the_images_are_those_that_the_parameters_choose(tmp_path: Path) -> None:
    sizes = even_sizes({"digits": 1_500})
    wanted = [resolve({"subset": 600}, sizes=sizes, default_threads=2)]
    summary = {"num_parameters": 1, "num_trained": 1, "layers": []}
    known = await estimate(wanted, summary, sizes["digits"], [], slots=1, home=tmp_path)
    assert known.images == (540, 60, 250)


def test_sessions_take_the_first_free_slot() -> None:
    assert wall_s([10.0], 4) == 10.0
    assert wall_s([10.0, 10.0, 10.0], 2) == 20.0
    assert wall_s([30.0, 10.0, 10.0], 2) == 30.0
