"""`new --preset`, alternatives, `clone` and `sweep`, run as processes against a real supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.requests import Status
from tests.system.command import json_of, make, mnist_tui, output_of
from tests.system.processes import fork_servers_of
from tests.system.test_bad_input import assert_refused, unused_home

if TYPE_CHECKING:
    from mnist_tui.storage.home import Home
    from tests.harness import Workspace

__all__ = ["unused_home"]

HELD = ("--hold", "--threads", 1)


def ids_of(workspace: Workspace, *words: object) -> list[int]:
    """Run a command that makes sessions and return the IDs it printed, one a line."""
    done = mnist_tui(workspace.home, "--data-dir", workspace.data_dir, *words)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.splitlines()]


def parameters_of(workspace: Workspace, session_id: int) -> dict[str, object]:
    parameters: dict[str, object] = json_of(workspace.home, "show", session_id)["parameters"]
    return parameters


def test_a_preset_is_a_beginning_and_what_is_given_besides_wins(shared: Workspace) -> None:
    (session_id,) = ids_of(shared, "new", "--preset", "quick-look", "--epochs", 2, *HELD)
    parameters = parameters_of(shared, session_id)
    assert (parameters["dataset"], parameters["model"]) == ("digits", "lenet")
    assert parameters["epochs"] == 2


def test_a_preset_may_make_several_sessions(shared: Workspace) -> None:
    ids = ids_of(shared, "new", "--preset", "learning-rates", *HELD)
    rates = [parameters_of(shared, session_id)["learning_rate"] for session_id in ids]
    assert rates == [0.1, 0.01, 0.001]


def test_every_preset_stands_in_the_help(unused_home: Home) -> None:
    page = output_of(unused_home, "new", "--help", env={"COLUMNS": "80"})
    for name, preset in PRESETS.items():
        assert f"{name} " in page
        assert preset.sentence in page


def test_alternatives_make_a_session_each_named_after_what_differs(shared: Workspace) -> None:
    done = mnist_tui(
        shared.home, "--data-dir", shared.data_dir,
        "new", "--learning-rate", "0.1,0.01", "--name", "rate", *HELD,
    )  # fmt: skip
    first, second = map(int, done.stdout.split())
    rows = {row["id"]: row["name"] for row in json_of(shared.home, "ls")}
    assert rows == {first: "rate lr=0.1", second: "rate lr=0.01"}
    release = f"`mnist-tui release {first} {second}` starts them"
    assert done.stderr == f"2 sessions are held; {release}.\n"


def test_a_sweep_makes_every_combination_and_waits_for_all(shared: Workspace) -> None:
    ids = ids_of(
        shared, "sweep", "lr=0.1,0.01", "bs=128,256", "--set", "model=lenet", "--set", "epochs=1",
        "--set", "threads=1", "--name", "grid", "--tag", "grid", "--wait",
    )  # fmt: skip
    rows = json_of(shared.home, "ls")
    assert {row["state"] for row in rows} == {"finished"}
    names = {row["id"]: row["name"] for row in rows}
    assert [names[session_id] for session_id in ids] == [
        "grid lr=0.1 bs=128", "grid lr=0.1 bs=256", "grid lr=0.01 bs=128", "grid lr=0.01 bs=256",
    ]  # fmt: skip
    assert all(row["tags"] == ["grid"] for row in rows)


def test_a_dry_run_of_a_sweep_tells_each_and_makes_none(shared: Workspace) -> None:
    words = ("--data-dir", shared.data_dir, "sweep", "filters=8-16,4-8", "--dry-run")
    assert [each["filters"] for each in json_of(shared.home, *words)] == [[8, 16], [4, 8]]
    page = output_of(shared.home, *words)
    assert "cnn-digits filters=4-8" in page
    assert json_of(shared.home, "ls") == []


def test_a_clone_trains_the_same_but_for_what_is_asked(shared: Workspace) -> None:
    original = make(
        shared, *HELD, "--name", "first", "--learning-rate", "0.0012345678", "--dropout", "0.3",
        "--validation", 100,
    )  # fmt: skip
    (same,) = ids_of(shared, "clone", original, "--hold")
    assert parameters_of(shared, same) == parameters_of(shared, original)
    (other,) = ids_of(shared, "clone", "first", "lr=0.01", "epochs=9", "--hold")
    expected = parameters_of(shared, original) | {"learning_rate": 0.01, "epochs": 9}
    assert parameters_of(shared, other) == expected
    names = {row["id"]: row["name"] for row in json_of(shared.home, "ls")}
    assert (names[same], names[other]) == ("first-copy", "first-copy-2")


def test_a_clone_on_another_model_takes_the_defaults_of_that_one(shared: Workspace) -> None:
    original = make(shared, *HELD, "--filters", "8-16")
    (other,) = ids_of(shared, "clone", original, "model=bn-cnn", "--name", "norm", "--hold")
    assert parameters_of(shared, other)["filters"] == [16, 32, 64]


def test_a_clone_reads_the_data_of_its_original(shared: Workspace) -> None:
    original = make(shared, *HELD)
    (copy,) = (int(line) for line in output_of(shared.home, "clone", original, "--hold").split())
    assert shared.record(copy).data_dir == str(shared.data_dir)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("new", "--preset", "none"), 2, "'none' is not one of 'quick-look'"),
        (("new", "--learning-rate", "0.1,"), 1, "missing beside a comma"),
        (("new", "--validation", "1,000"), 1, "write 1000 for one number"),
        (("sweep",), 2, "FIELD=A,B,C..."),
        (("sweep", "lr"), 2, "such as lr=0.1,0.01, not 'lr'"),
        (("sweep", "lr=0.1", "learning_rate=0.2"), 2, "learning_rate is given twice"),
        (("sweep", "lr=0.1,0.2", "--set", "lr=0.3"), 2, "sweep over it or set it, not both"),
        (("sweep", "lr=0.1,0"), 1, "learning_rate: must be greater than 0"),
        (("sweep", "colour=red,blue"), 1, "colour: unknown parameter"),
        (("sweep", "seed=" + ",".join(map(str, range(65)))), 1, "64 at most"),
        (("sweep", "lr=0.1,\033[31m"), 1, "needs a number"),
        (("clone", "1"), 1, "no session #1"),
        (("clone",), 2, "ID"),
    ],
)
def test_a_slip_is_refused_before_anything_is_made(
    unused_home: Home, words: tuple[str, ...], code: int, says: str
) -> None:
    assert_refused(mnist_tui(unused_home, *words), code, says)


def test_one_bad_alternative_makes_none_of_them(shared: Workspace) -> None:
    done = mnist_tui(
        shared.home, "--data-dir", shared.data_dir, "sweep", "device=cpu,cuda:97", "--hold"
    )
    assert_refused(done, 1, "device: there is no cuda:97 here")
    assert json_of(shared.home, "ls") == []


def test_what_stops_half_way_says_which_sessions_there_are(workspace: Workspace) -> None:
    assert workspace.records() == []
    (workspace.home.path / "2").write_text("in the way of the second session")
    done = mnist_tui(
        workspace.home, "--data-dir", workspace.data_dir, "sweep", "seed=1,2,3", "--hold"
    )
    assert (done.returncode, done.stdout) == (1, "1\n")
    assert "1 of 3 sessions were made (#1), then: The session folder" in done.stderr
    assert [record.id for record in workspace.records()] == [1]


def test_what_is_refused_loads_no_torch(workspace: Workspace) -> None:
    with pytest.raises(Refused):
        workspace.create(parameters={"device": "cuda:97"})
    assert not workspace.client.request(Status)["is_warm"]
    assert fork_servers_of(workspace) == []
    (started,) = ids_of(workspace, "new", "--epochs", 1, "--model", "lenet", "--threads", 1)
    workspace.reach(started, S.FINISHED)
    assert len(fork_servers_of(workspace)) == 1
