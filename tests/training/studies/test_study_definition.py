"""Studies as TOML: ours resolve and carry the published figures; what is wrong is told at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.parameters.split_sizes import SplitChoice, split_sizes
from mnist_tui.training.studies.findings import findings
from mnist_tui.training.studies.study_definition import Study, StudyError, from_plain, to_plain
from mnist_tui.training.studies.study_library import find_study, study_names
from mnist_tui.training.studies.study_parser import MAX_BYTES, parse_study
from mnist_tui.training.studies.study_plan import changed, plan_study, read_seeds
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = """
name = "rates"
title = "Two rates"
source = "Nobody et al."
columns = ["test_accuracy", "trained_s", "checkpoint_bytes"]
seeds = [0, 3]
findings = ["adam-above-sgd"]
remarks = ["Small."]

[parameters]
dataset = "digits"
model = "cnn"
filters = [8, 16]
epochs = 2

[[rows]]
label = "small rate"
published = { test_accuracy = 95.5, trained_s = 2, checkpoint_bytes = 2.5 }

[[rows]]
label = "large rate"
parameters = { learning_rate = 0.01 }

[[rows]]
label = "another model"
parameters = { model = "lenet" }
"""

SHIPPED = {
    "performance-tuning": 11,
    "two-models": 5,
    "hidden-channels": 5,
    "assessing-four-networks": 16,
    "kernels": 8,
}

PUBLISHED_TEST_ACCURACIES = {
    "performance-tuning": [
        95.83, 90.08, 94.42, 96.25, 96.17, 95.92, 96.17, 96.75, 92.92, 83.50, 91.83,
    ],
    "hidden-channels": [97, 96, 97, 97, 97],
    "assessing-four-networks": [
        80.73, 86.73, 91.23, 98.32, 79.46, 90.55, 93.78, 99.16,
        82.57, 89.24, 94.20, 99.37, 87.68, 97.12, 98.79, 99.75,
    ],
}  # fmt: skip


def problems(text: str) -> list[str]:
    with pytest.raises(StudyError) as refused:
        parse_study(text, "rates.toml")
    return refused.value.problems


@pytest.fixture
def small() -> Study:
    return parse_study(SMALL, "rates.toml")


def test_ours_are_all_there_and_every_row_can_be_trained() -> None:
    assert study_names()[: len(SHIPPED)] == list(SHIPPED)
    for name, num_rows in SHIPPED.items():
        study = find_study(name)
        assert (study.name, len(study.rows)) == (name, num_rows)
        for row in study.rows:
            resolve(study.parameters_of(row), sizes={}, default_threads=1)


@pytest.mark.parametrize("name", PUBLISHED_TEST_ACCURACIES)
def test_published_accuracies_are_those_that_were_printed(name: str) -> None:
    kept = [row.published["test_accuracy"] for row in find_study(name).rows]
    assert [round(100 * value, 2) for value in kept] == PUBLISHED_TEST_ACCURACIES[name]


def test_every_finding_belongs_to_one_of_ours() -> None:
    told = [name for study in map(find_study, SHIPPED) for name in study.findings]
    assert sorted(told) == sorted(findings())


def test_a_row_has_what_all_share_but_for_what_is_its_own(small: Study) -> None:
    first, second, third = (small.parameters_of(row) for row in small.rows)
    assert first == {"dataset": "digits", "model": "cnn", "filters": [8, 16], "epochs": 2}
    assert second == first | {"learning_rate": 0.01}
    # The filters were those of another model.
    assert third == {"dataset": "digits", "model": "lenet", "epochs": 2}


def test_the_networks_learn_from_all_of_the_share_that_their_row_names() -> None:
    study = find_study("assessing-four-networks")
    sizes = even_sizes({"mnist": 60_000})
    for row in study.rows:
        given = resolve(study.parameters_of(row), sizes=sizes, default_threads=1)
        choice = SplitChoice(fraction=given.fraction, validation=given.validation)
        assert given.fraction is not None
        assert split_sizes(sizes["mnist"], choice).train == 60_000 * given.fraction, row.label


def test_images_for_validation_that_all_rows_share_are_dropped_only_with_another_split() -> None:
    shared = SMALL.replace("epochs = 2", "epochs = 2\nvalidation = 100")
    for given, kept in (("subset = 500", 100), ("fraction = 0.5", 100), ('split = "pooled"', None)):
        study = parse_study(shared.replace('model = "lenet"', given), "rates.toml")
        assert study.parameters_of(study.rows[2]).get("validation") == kept


def test_published_figures_are_kept_as_fractions_seconds_and_bytes(small: Study) -> None:
    published = small.rows[0].published
    assert published == pytest.approx(
        {"test_accuracy": 0.955, "trained_s": 2.0, "checkpoint_bytes": 2.5 * 1024**2}
    )


def test_every_row_gets_its_first_seed_before_any_gets_its_second(small: Study) -> None:
    plans = plan_study(small, "rates-2", left_out=["large rate"])
    assert [each.name for each in plans] == [
        "rates-2 small rate seed=0",
        "rates-2 another model seed=0",
        "rates-2 small rate seed=3",
        "rates-2 another model seed=3",
    ]
    assert [each.parameters["seed"] for each in plans] == [0, 0, 3, 3]
    place = plans[3].study
    assert place is not None
    assert (place.run, place.row) == ("rates-2", "another model")


def test_what_is_set_holds_for_every_row_and_is_remembered(small: Study) -> None:
    wanted = changed(small, {"epochs": "1", "learning_rate": "0.5"}, (7,))
    for row in wanted.rows:
        given = wanted.parameters_of(row)
        assert (given["epochs"], given["learning_rate"]) == ("1", "0.5")
    assert wanted.changes == {"epochs": "1", "learning_rate": "0.5"}
    assert wanted.seeds == (7,)
    assert from_plain(to_plain(wanted)) == wanted


def test_seeds_are_read_as_ranges_and_single_ones() -> None:
    assert read_seeds("0-4") == (0, 1, 2, 3, 4)
    assert read_seeds("7") == (7,)
    assert read_seeds("0,5-6") == (0, 5, 6)


@pytest.mark.parametrize("text", ["", "x", "4-0", "-1", "0,0", "0-99", "1.5"])
def test_what_is_no_seed_is_refused(text: str) -> None:
    if text:
        with pytest.raises(ValueError, match=r"."):
            read_seeds(text)
    else:
        assert read_seeds(text) == (0,)


WRONG = [
    ("", "name: is missing"),
    ("x", "is not TOML"),
    (SMALL.replace('name = "rates"', 'name = "../up"'), "name: the name of a study has"),
    (SMALL.replace("title =", "titles ="), "titles: unknown key; known are name, title"),
    (SMALL.replace("seeds = [0, 3]", "seeds = [0, 0]"), "seeds: one stands there twice"),
    (SMALL.replace("seeds = [0, 3]", 'seeds = "many"'), "seeds: needs a whole number"),
    (SMALL.replace("seeds = [0, 3]", "seeds = []"), "seeds: 0 seeds; 1 to 100"),
    (SMALL.replace("epochs = 2", "epochs = 2\nseed = 1"), "seed: cannot be set; seeds has them"),
    (SMALL.replace('"trained_s"', '"speed"'), "columns: unknown 'speed'; known are test_accuracy"),
    (SMALL.replace("adam-above-sgd", "x"), "findings: unknown 'x'"),
    (SMALL.replace("= 95.5", "= 0.955"), "published test_accuracy: is in per cent: write 95.5"),
    (SMALL.replace("= 95.5", "= 955"), "is in per cent, so 955 is too large"),
    (SMALL.replace("= 95.5", "= true"), "needs a number in per cent"),
    (SMALL.replace("= 95.5", "= nan"), "needs a number from 0 on, not nan"),
    (SMALL.replace("trained_s = 2", "time = 2"), "row 'small rate', published time: unknown"),
    (SMALL.replace("label = ", "lbl = ", 1), "row '1', lbl: unknown key"),
    (SMALL.replace('"large rate"', '"Small Rate"'), "row 'Small Rate', label: stands there twice"),
    (SMALL.replace('"large rate"', '"7"'), "row '7', label: the label is all digits"),
    (SMALL.replace("learning_rate = 0.01", "rate = 1"), "row 'large rate', rate: unknown param"),
    (SMALL.replace("0.01", '"0.1,0.01"'), "row 'large rate', learning_rate: needs a number"),
    (SMALL.replace('parameters = { model = "lenet" }', "parameters = 3"), "needs a table"),
    (SMALL.partition("[[rows]]")[0], "rows: needs one or more tables"),
    (SMALL.partition("[[rows]]")[0].replace("[param", "rows = [1]\n[param"), "rows: needs one or"),
    (SMALL.replace('"Small."', "[1]"), "remarks: needs a list of texts"),
    (SMALL.replace('"Small."', ",".join([f'"{"x" * 900}"'] * 60)), f"{MAX_BYTES:,} bytes"),
    (SMALL.replace('label = "large rate"', 'label = "a\\u001bb"'), "control or invisible"),
]


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[says[:30] for _, says in WRONG])
def test_what_is_wrong_is_told_with_its_place(text: str, says: str) -> None:
    told = problems(text)
    assert any(says in problem for problem in told), told
    assert all(problem.startswith("rates.toml") for problem in told)


def test_all_problems_are_told_at_once_each_with_row_and_field() -> None:
    text = SMALL.replace("learning_rate = 0.01", "learning_rate = 0, epochs = -1").replace(
        'model = "lenet"', 'model = "lenet", dropout = 0.5'
    )
    assert problems(text) == [
        "rates.toml: row 'large rate', learning_rate: must be greater than 0.0, not 0.",
        "rates.toml: row 'large rate', epochs: must be at least 1, not -1.",
        "rates.toml: row 'another model', dropout: does not apply to lenet with adam;"
        " leave it out.",
    ]


def test_more_sessions_than_anybody_meant_are_refused() -> None:
    seeds = ", ".join(map(str, range(100)))
    rows = "".join(f'[[rows]]\nlabel = "r{number}"\n' for number in range(6))
    text = f'name = "a"\ntitle = "b"\nseeds = [{seeds}]\n{rows}'
    assert problems(text) == ["rates.toml: rows: and seeds make more than 500 sessions."]


def test_the_users_own_studies_are_found_by_name_and_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "mnist-tui" / "studies"
    folder.mkdir(parents=True)
    (folder / "rates.toml").write_text(SMALL)
    (folder / "kernels.toml").write_text(SMALL)
    assert study_names() == [*SHIPPED, "rates"]
    assert find_study("rates").title == find_study("kernels").title == "Two rates"
    assert find_study(str(folder / "rates.toml")).name == "rates"


def _folder(path: Path) -> None:
    path.mkdir()


def _binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")


def _huge(path: Path) -> None:
    path.write_bytes(b"#" * 2_000_000)


@pytest.mark.parametrize(
    ("make", "says"),
    [(_folder, "cannot be read"), (_binary, "is not UTF-8"), (_huge, "too large")],
)
def test_what_is_no_file_of_a_study_is_told(
    tmp_path: Path, make: Callable[[Path], None], says: str
) -> None:
    make(tmp_path / "x.toml")
    with pytest.raises(StudyError, match=says):
        find_study(str(tmp_path / "x.toml"))


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    with pytest.raises(StudyError, match="no study 'tuning'; known are performance-tuning"):
        find_study("tuning")
    with pytest.raises(StudyError, match=r"cannot be read .No such file"):
        find_study("./missing.toml")


def test_the_guide_shows_a_study_that_works() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(name = .*?)```", guide, re.DOTALL)
    assert len(plan_study(parse_study(text, "guide"), "rates")) == 6
    for name, num_rows in SHIPPED.items():
        assert f"| `{name}` | {num_rows} |" in guide
