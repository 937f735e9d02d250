"""Models and pictures of the user's, from the command line to results, with real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.datasets.user_datasets import own_names
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.environment import CODE_VARIABLE
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import patient
from tests.picture_folders import draw_shapes
from tests.system.command import COMMAND, environment, json_of, mnist_tui

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

CODE = """
from torch import nn


def build(num_classes):
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveMaxPool2d(6), nn.Dropout(0.1),
        nn.Flatten(), nn.Linear(288, num_classes),
    )


def wrong(num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, num_classes), nn.Softmax(1))
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder that a user works in: code and pictures."""
    folder = tmp_path / "desk"
    (folder / "nets").mkdir(parents=True)
    (folder / "nets" / "small.py").write_text(CODE)
    draw_shapes(folder / "shapes", 60)
    return folder


def run_in(folder: Path, workspace: Workspace, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--data-dir", str(workspace.data_dir), *map(str, words)],
        cwd=folder, env=environment(MNIST_TUI_HOME=workspace.home.path),
        capture_output=True, text=True, timeout=patient(60), check=False,
    )  # fmt: skip


def test_ones_own_model_learns_ones_own_pictures(workspace: Workspace, desk: Path) -> None:
    chosen = ("--model", "nets.small:build", "--dataset", "shapes", "--batch-size", 16)
    made = run_in(desk, workspace, "new", *chosen, "--epochs", 8, "--learning-rate", 0.01, "--wait")
    assert made.returncode == 0, made.stderr

    record = json_of(workspace.home, "show", 1)
    dataset = record["parameters"]["dataset"]
    assert dataset.startswith("shapes-")
    assert record["parameters"]["initialization"] == "own"
    assert record["test_accuracy"] > 0.8
    assert workspace.record(1).environment[CODE_VARIABLE] == str(desk)
    scored = json_of(workspace.home, "--data-dir", workspace.data_dir, "evaluate", 1)
    assert [row["class"] for row in scored["classes"]] == ["circle", "cross", "square"]
    assert scored["accuracy"] == pytest.approx(record["test_accuracy"])

    listed = {
        row["name"]: row
        for row in json_of(workspace.home, "--data-dir", workspace.data_dir, "data")
    }
    assert (listed[dataset]["num_train"], listed[dataset]["num_test"]) == (144, 36)
    layers = json_of(workspace.home, "show", 1, "--layers")["layers"]
    assert [layer["kind"] for layer in layers][:2] == ["Conv2d", "BatchNorm2d"]
    assert sum(layer["num_parameters"] for layer in layers) == record["num_parameters"]

    # From anywhere, by the name that it has now, and as a copy: the code is found where it was.
    again = mnist_tui(workspace.home, "--data-dir", workspace.data_dir, "clone", 1, "--wait")
    assert again.returncode == 0, again.stderr
    first, second = json_of(workspace.home, "ls")
    assert first["test_loss"] == second["test_loss"]


def test_it_goes_on_bit_for_bit_and_says_so_where_the_code_has_changed(
    workspace: Workspace, desk: Path
) -> None:
    chosen = ("--model", "nets.small:build", "--dataset", "shapes", "--batch-size", 16)
    run_in(desk, workspace, "new", *chosen, "--epochs", 40, "--log-every", 1, "--threads", 1)
    run_in(desk, workspace, "new", *chosen, "--epochs", 40, "--log-every", 1, "--threads", 1)
    workspace.reach_step(2, 20)
    workspace.request(Trigger.STOP, 2)
    workspace.reach(2, S.STOPPED, S.FINISHED)
    assert json_of(workspace.home, "show", 2)["exact_resume"] is True
    workspace.request(Trigger.RESUME, 2)
    workspace.reach(1, S.FINISHED)
    workspace.reach(2, S.FINISHED)
    losses = [
        [(row.split, row.step, row.loss) for row in workspace.rows(session_id)]
        for session_id in (1, 2)
    ]
    assert losses[0] == losses[1]

    code = desk / "nets" / "small.py"
    code.write_text(CODE.replace("0.1", "0.2"))
    shown = json_of(workspace.home, "show", 2)
    assert shown["exact_resume"] is False
    assert "The code of your model differs" in shown["exact_resume_reason"]
    code.unlink()
    scored = mnist_tui(workspace.home, "--data-dir", workspace.data_dir, "outliers", 2)
    assert scored.returncode == 1
    assert "nets.small:build cannot be imported: ModuleNotFoundError" in scored.stderr


def test_several_sessions_are_named_after_the_folder_and_read_it_once(
    workspace: Workspace, desk: Path
) -> None:
    made = run_in(desk, workspace, "new", "--dataset", "shapes,digits", "--seed", "0-1", "--hold")
    assert made.returncode == 0, made.stderr
    assert [row["name"] for row in json_of(workspace.home, "ls")] == [
        "cnn-shapes seed=0", "cnn-shapes seed=1", "cnn-digits seed=0", "cnn-digits seed=1",
    ]  # fmt: skip

    assert CODE_VARIABLE not in workspace.record(1).environment, "cnn has no use for it"

    shutil.rmtree(workspace.data_dir / "Own")
    assert run_in(desk, workspace, "new", "--dataset", "shapes", "--dry-run").returncode == 0
    assert len(own_names(workspace.data_dir)) == 1

    picture = desk / "shapes" / "circle" / "000.jpg"
    dates = picture.stat()
    picture.write_bytes(bytes(dates.st_size))
    os.utime(picture, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    assert run_in(desk, workspace, "new", "--dataset", "shapes", "--dry-run").returncode == 0
    os.utime(picture)
    changed = run_in(desk, workspace, "new", "--dataset", "shapes", "--dry-run")
    assert "000.jpg cannot be read; it is damaged" in changed.stderr


def test_what_cannot_be_used_is_told_in_one_sentence_and_nothing_is_made(
    workspace: Workspace, desk: Path
) -> None:
    for words, sentence in (
        (("--model", "nets.small:wrong"), "returns probabilities; leave the softmax out"),
        (("--model", "nets.small:gone"), "has no function gone"),
        (("--model", "gone.small:build"), "No module named 'gone'"),
        (("--model", "nets"), "model: unknown 'nets'; choose one of"),
        (("--dataset", "nets"), "has no folder in it"),
        (("--dataset", "./gone"), "gone cannot be read (No such file or directory)"),
        (("--dataset", "gone"), "dataset: unknown 'gone'; choose one of"),
        (("--dataset", "shapes,"), "dataset: a value is missing beside a comma"),
        (("--dataset", "gone-0123abcd"), "There is no dataset gone-0123abcd in"),
    ):
        done = run_in(desk, workspace, "new", *words)
        assert done.returncode == 1, words
        assert sentence in done.stderr, words
        assert done.stderr.count("\n") == 1, done.stderr
        assert "Traceback" not in done.stderr
    assert json_of(workspace.home, "ls") == []
    assert read_records(workspace.home) == []


def test_code_that_prints_is_not_heard(workspace: Workspace, desk: Path) -> None:
    loud = "import sys; print('\\x1b[31mloud', flush=True); print('more', file=sys.stderr)"
    (desk / "loud.py").write_text(f"{loud}\n{CODE}")
    done = run_in(desk, workspace, "new", "--model", "loud:build", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == "loud:build"
    assert "loud\n" not in done.stderr
