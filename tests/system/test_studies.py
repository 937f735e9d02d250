"""Studies run as processes against a real supervisor: made, paused, resumed, finished, shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.study_definitions import read_run
from tests.system.command import json_of, mnist_tui, output_of
from tests.system.test_bad_input import unused_home

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from tests.harness import Workspace

__all__ = ["unused_home"]

SMALL = """
name = "rates"
title = "Two rates on digits"
columns = ["test_accuracy", "val_accuracy", "trained_s", "checkpoint_bytes", "num_parameters"]
seeds = [0, 1]

[parameters]
dataset = "digits"
model = "lenet"
epochs = 1
batch_size = 256
threads = 1

[[rows]]
label = "small rate"
published = { test_accuracy = 80.5 }

[[rows]]
label = "large rate"
parameters = { learning_rate = 0.01 }
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "rates.toml"
    path.write_text(SMALL)
    return path


def study(workspace: Workspace, *words: object) -> subprocess.CompletedProcess[str]:
    return mnist_tui(workspace.home, "--data-dir", workspace.data_dir, "study", *words)


def ids_of(workspace: Workspace, *words: object) -> list[int]:
    done = study(workspace, "run", *words)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.splitlines()]


def shown(workspace: Workspace, name: str) -> dict[str, Any]:
    plain: dict[str, Any] = json_of(workspace.home, "study", "show", name)
    return plain


def states_of(workspace: Workspace, ids: list[int]) -> set[str]:
    return {record.state.value for record in workspace.records() if record.id in ids}


def test_a_study_runs_to_its_end_and_shows_ours_beside_the_published(
    shared: Workspace, small: Path
) -> None:
    ids = ids_of(shared, small, "--name", "whole")
    assert len(ids) == 4
    assert mnist_tui(shared.home, "wait", "study:whole").returncode == 0
    plain = shown(shared, "whole")
    assert (plain["sessions"], plain["finished"], plain["states"]) == (4, 4, {"finished": 4})
    first, second = plain["rows"]
    assert [each["seed"] for each in first["sessions"]] == [0, 1]
    accuracies = [each["test_accuracy"] for each in first["sessions"]]
    figure = first["figures"]["test_accuracy"]
    assert figure["mean"] == pytest.approx(sum(accuracies) / 2)
    assert figure["sd"] == pytest.approx(abs(accuracies[0] - accuracies[1]) / 2**0.5)
    assert figure["published"] == pytest.approx(0.805)
    assert second["figures"]["num_parameters"]["mean"] == 44_426
    assert second["figures"]["checkpoint_bytes"]["mean"] > 44_426 * 4
    page = output_of(shared.home, "study", "show", "whole")
    assert "4 of 4 sessions finished; seeds 0, 1." in page
    assert "(80.50)" in page
    assert output_of(shared.home, "study", "show", "whole", "--csv").count("\n") == 3
    assert "| small rate |" in output_of(shared.home, "study", "show", "whole", "--md")
    rows = json_of(shared.home, "ls", "study:whole")
    assert [row["name"] for row in rows] == [
        "whole small rate seed=0", "whole large rate seed=0",
        "whole small rate seed=1", "whole large rate seed=1",
    ]  # fmt: skip


def test_a_study_is_paused_and_resumed_as_one_thing(shared: Workspace, small: Path) -> None:
    ids = ids_of(shared, small, "--set", "epochs=100000", "--set", "log_every=1", "--name", "long")
    shared.reach(ids[0], S.RUNNING)
    paused = study(shared, "pause", "long")
    assert paused.returncode == 0, paused.stderr
    records = {record.id: record for record in shared.records()}
    assert [records[each].state for each in ids] == [S.PAUSED, S.PAUSED, S.QUEUED, S.QUEUED]
    assert all(records[each].is_held for each in ids[2:])
    assert "0 of 4 sessions finished, 2 paused, 2 held;" in output_of(
        shared.home, "study", "show", "long"
    )
    resumed = study(shared, "resume", "long")
    assert resumed.returncode == 0, resumed.stderr
    shared.reach(ids[0], S.RUNNING)
    assert not any(record.is_held for record in shared.records())
    stopped = study(shared, "stop", "long")
    assert stopped.returncode == 0, stopped.stderr
    assert states_of(shared, ids) == {"stopped"}
    assert study(shared, "resume", "long").returncode == 0
    killed = study(shared, "kill", "long")
    assert killed.returncode == 0, killed.stderr
    assert states_of(shared, ids) == {"killed"}
    again = study(shared, "kill", "long")
    assert (again.returncode, "no session to kill" in again.stderr) == (0, True)


def test_held_sessions_wait_for_resume_and_runs_get_numbers(shared: Workspace, small: Path) -> None:
    made = study(shared, "run", small, "--hold", "--seeds", "3-5")
    assert "`mnist-tui study resume rates` lets them start" in made.stderr
    assert len(made.stdout.split()) == 6
    ids = ids_of(shared, small, "--hold", "--seeds", "0")
    names = [record.name for record in shared.records() if record.id in ids]
    assert names == ["rates-2 small rate", "rates-2 large rate"]
    runs = json_of(shared.home, "study", "ls")["runs"]
    assert [(run["run"], run["study"], run["sessions"]) for run in runs] == [
        ("rates", "rates", 6),
        ("rates-2", "rates", 2),
    ]
    taken = study(shared, "run", small, "--name", "rates")
    assert taken.returncode == 1
    assert "There is a study rates in" in taken.stderr
    assert len(shared.records()) == 8
    shared.clear()
    # A run without sessions is none, so its name is free.
    assert json_of(shared.home, "study", "ls")["runs"] == []
    assert len(ids_of(shared, small, "--hold", "--name", "rates")) == 4


def test_a_session_keeps_its_place_and_a_clone_has_none(shared: Workspace, small: Path) -> None:
    first, _ = ids_of(shared, small, "--hold", "--seeds", "0", "--name", "places")
    (copy,) = map(int, output_of(shared.home, "clone", first, "--hold").split())
    place = shared.record(first).study
    assert place is not None
    assert (place.run, place.row) == ("places", "small rate")
    assert shared.record(copy).study is None


def test_what_a_run_lacks_is_made_later(shared: Workspace, small: Path) -> None:
    ids = ids_of(shared, small, "--hold", "--name", "lacking")
    output_of(shared.home, "rm", ids[1], ids[2])
    page = output_of(shared.home, "study", "show", "lacking")
    assert "2 more are missing; `mnist-tui study complete lacking` makes them." in page
    done = study(shared, "complete", "lacking", "--hold")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 2
    names = {record.name for record in shared.records()}
    assert names == {
        f"lacking {row} rate seed={seed}" for row in ("small", "large") for seed in (0, 1)
    }
    again = study(shared, "complete", "lacking")
    assert (again.returncode, again.stdout) == (0, "")
    assert "has all of its sessions" in again.stderr


def test_a_study_outlives_its_supervisor_and_its_definition(
    workspace: Workspace, small: Path
) -> None:
    ids = ids_of(workspace, small, "--hold")
    workspace.shut_down()
    small.unlink()
    before = shown(workspace, "rates")
    assert [row["label"] for row in before["rows"]] == ["small rate", "large rate"]
    # Even without the file, rows and seeds are known.
    (workspace.home.studies / "rates.json").unlink()
    lost = shown(workspace, "rates")
    assert [len(row["sessions"]) for row in lost["rows"]] == [2, 2]
    assert sorted(each["id"] for row in lost["rows"] for each in row["sessions"]) == ids
    complete = study(workspace, "complete", "rates")
    assert (complete.returncode, "definition of rates is lost" in complete.stderr) == (1, True)


def test_a_row_that_cannot_be_had_is_left_out_and_said_so(
    workspace: Workspace, small: Path
) -> None:
    text = SMALL.replace(
        "parameters = { learning_rate = 0.01 }", 'parameters = { dataset = "kmnist" }'
    )
    small.write_text(text)
    elsewhere = ("--data-dir", workspace.data_dir, "--mirror", "http://127.0.0.1:9/")
    done = mnist_tui(workspace.home, *elsewhere, "study", "run", small, "--hold")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 2
    assert "large rate is left out: " in done.stderr
    kept = read_run(workspace.home, "rates")
    assert kept is not None
    assert "large rate" in kept.left_out
    page = output_of(workspace.home, "study", "show", "rates")
    assert "large rate  not measured" in page
    assert "large rate: not measured. " in page


@pytest.mark.parametrize(
    ("change", "words", "code", "says"),
    [
        (("0.01", "0"), (), 1, "row 'large rate', learning_rate: must be greater than 0"),
        (("epochs", "epoch"), (), 1, "row 'small rate', epoch: unknown parameter"),
        (("title", "titles"), (), 1, "titles: unknown key"),
        (("", ""), ("--set", "batch_size=0"), 1, "row 'small rate', batch_size: must be at least"),
        (("", ""), ("--set", "seed=1"), 2, "Give seeds with --seeds"),
        (("", ""), ("--seeds", "4-1"), 1, "--seeds: 4-1 must rise"),
        (("", ""), ("--name", "a b"), 1, "the name of a study has 1 to 40"),
    ],
)
def test_what_is_wrong_makes_nothing(
    unused_home: Home, small: Path, change: tuple[str, str], words: tuple[str, ...], code: int,
    says: str,
) -> None:  # fmt: skip
    small.write_text(SMALL.replace(*change) if change[0] else SMALL)
    done = mnist_tui(unused_home, "study", "run", small, *words)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not unused_home.path.exists()


def test_what_does_not_fit_the_data_is_told_with_its_row(shared: Workspace, small: Path) -> None:
    small.write_text(SMALL.replace("learning_rate = 0.01", "batch_size = 9999"))
    done = study(shared, "run", small)
    assert done.returncode == 1
    assert done.stderr.startswith("row 'large rate', batch_size: larger than the data")
    assert shared.records() == []
    assert json_of(shared.home, "study", "ls")["runs"] == []


def test_unknown_names_are_told(unused_home: Home) -> None:
    for words in (("show", "nothing"), ("run", "nothing")):
        done = mnist_tui(unused_home, "study", *words)
        assert (done.returncode, "There is no study 'nothing'" in done.stderr) == (1, True)
    done = mnist_tui(unused_home, "study", "pause", "nothing")
    assert (done.returncode, "No session of a study nothing" in done.stderr) == (1, True)


def test_the_list_has_ours_and_says_what_is_wrong_with_the_users_own(
    unused_home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "mnist-tui" / "studies"
    folder.mkdir(parents=True)
    (folder / "good.toml").write_text(SMALL)
    (folder / "bad.toml").write_text("name = 1\x1b")
    config = {"XDG_CONFIG_HOME": str(tmp_path)}
    done = mnist_tui(unused_home, "study", "ls", env=config)
    assert done.returncode == 0
    assert "performance-tuning" in done.stdout
    assert "bad.toml is not TOML" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    listed = json.loads(mnist_tui(unused_home, "study", "ls", "--json", env=config).stdout)
    assert "rates" in [each["name"] for each in listed["studies"]]
    assert len(listed["problems"]) == 1
