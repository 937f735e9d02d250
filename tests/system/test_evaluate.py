"""`evaluate` over a real supervisor and task, and without one where the scores are there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import Position
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.evaluations import list_evaluations, read_predictions
from mnist_tui.storage.results.fixed_images import read_fixed_images
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.requests import Evaluate
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.tui.text import formatting
from tests.deadlines import wait_until
from tests.harness import ENDLESS
from tests.storage.evaluation_files import write_small
from tests.system.command import SMALL, json_of, make, mnist_tui, output_of, store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

OFTEN = {**ENDLESS, "model": "lenet", "threads": 1, "checkpoint_every": 0}
"""A session that saves after every batch, so that its checkpoints come and go."""


def test_the_end_of_a_training_leaves_an_evaluation_that_is_shown(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--wait")
    folder = shared.home.session(session_id)
    [stored] = list_evaluations(folder)
    details: dict[str, Any] = json_of(shared.home, "evaluate", session_id)
    [row] = [row for row in shared.rows(session_id) if row.split == "test"]
    assert (details["loss"], details["accuracy"], details["mse"]) == (
        row.loss,
        row.accuracy,
        row.mse,
    )
    assert (details["reason"], details["num_images"], details["num_parameters"]) == (
        "final",
        297,
        44_426,
    )
    assert [each["class"] for each in details["classes"]] == list("0123456789")
    assert sum(each["support"] for each in details["classes"]) == 297
    assert sum(map(sum, details["confusion"])) == 297
    assert details["training_s"] > 0
    assert details["test_s"] > 0
    assert details["weights_bytes"] == 4 * 44_426
    checkpoint = folder / "checkpoints" / details["checkpoint"]
    assert details["checkpoint_bytes"] == checkpoint.stat().st_size
    assert details["probabilities"].endswith("test.npz")
    assert json_of(shared.home, "show", session_id)["evaluation"]["ece"] == stored.ece
    assert [row["ece"] for row in json_of(shared.home, "ls")] == [stored.ece]
    assert "calibration error" in output_of(shared.home, "show", session_id)
    samples = read_fixed_images(folder)
    assert samples is not None
    assert samples.epoch == 1.0
    assert set(samples.images) < set(read_predictions(folder, stored).images)


def test_what_is_asked_for_again_is_the_same_to_the_last_bit(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--wait")
    folder = shared.home.session(session_id)
    [final] = list_evaluations(folder)
    before = read_predictions(folder, final).probabilities
    shutil.rmtree(folder / "evaluation")
    page = output_of(shared.home, "evaluate", session_id).splitlines()
    [requested] = list_evaluations(folder)
    assert (requested.reason, requested.generation) == ("requested", final.generation)
    assert requested.confusion == final.confusion
    assert (requested.loss, requested.ece) == (final.loss, final.ece)
    assert shared.record(session_id).ece == final.ece
    assert np.array_equal(read_predictions(folder, requested).probabilities, before)
    assert page[0].endswith("scored with the test set of digits: 297 images")
    assert ["accuracy", formatting.percent(final.accuracy), "%"] in [line.split() for line in page]
    assert len(page) == 1 + 11 + 1 + 11 + 1 + 1 + 11


def test_a_running_session_is_scored_and_trains_on(shared: Workspace) -> None:
    session_id = shared.create(parameters=OFTEN)
    shared.reach_step(session_id, 5)
    details = json_of(shared.home, "evaluate", session_id)
    assert details["reason"] == "requested"
    assert details["step"] >= 1
    assert shared.record(session_id).ece == details["ece"]
    assert shared.record(session_id).state is S.RUNNING
    shared.reach_step(session_id, details["step"] + 5)


def test_the_best_weights_are_scored_where_that_is_asked(shared: Workspace) -> None:
    parameters = {**ENDLESS, "model": "lenet", "threads": 1, "batch_size": 256}
    session_id = shared.create(parameters=parameters)
    checkpoints = CheckpointFolder(shared.home.session(session_id) / "checkpoints")
    wait_until(lambda: checkpoints.best() and len(checkpoints.manifests()) > 1, "a best is saved")
    shared.request(Trigger.STOP, session_id)
    shared.reach(session_id, S.STOPPED)
    best, newest = checkpoints.best(), checkpoints.manifests()[-1]
    assert best is not None
    details = json_of(shared.home, "evaluate", session_id, "--best")
    assert (details["step"], details["checkpoint"]) == (best.position.step, best.file)
    assert json_of(shared.home, "evaluate", session_id)["step"] == newest.position.step


def test_without_a_checkpoint_there_is_a_sentence(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--hold", "--name", "early")
    done = mnist_tui(shared.home, "evaluate", session_id)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"#{session_id} early has no checkpoint yet; let it train" in done.stderr
    best = mnist_tui(shared.home, "evaluate", session_id, "--best")
    assert "no validation yet whose weights were the best" in best.stderr
    with pytest.raises(Refused, match=r"There is no sound checkpoint in .*; let the session train"):
        shared.client.request(Evaluate, session_id=session_id)
    with pytest.raises(Refused, match="There is no session #99"):
        shared.client.request(Evaluate, session_id=99)
    assert json_of(shared.home, "show", session_id)["evaluation"] is None


def test_a_folder_that_takes_no_evaluation_fails_no_session(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--hold")
    # A file where the folder should be: even root cannot write into that.
    (shared.home.session(session_id) / "evaluation").write_bytes(b"")
    shared.request(Trigger.RELEASE, session_id)
    record = shared.reach(session_id, S.FINISHED, S.FAILED)
    assert record.state is S.FINISHED
    assert record.cause is not None
    assert "cannot be stored" in record.cause
    done = mnist_tui(shared.home, "evaluate", session_id)
    assert done.returncode == 1
    assert "evaluation" in done.stderr
    assert "Traceback" not in done.stderr


def test_scores_that_are_there_are_shown_without_a_supervisor(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    store(home, "stored")
    checkpoints = CheckpointFolder(home.session(1) / "checkpoints")
    checkpoints.save(
        b"no weights", position=Position(step=1234), epoch=2.0, reason="final", is_best=False,
        generation=1, fingerprint={},
    )  # fmt: skip
    written = write_small(home.session(1))
    details = json_of(home, "evaluate", 1)
    assert (details["step"], details["ece"]) == (1234, written.ece)
    assert "Confusion matrix" in output_of(home, "evaluate", "stored")
    assert not home.socket.exists()
    assert not home.supervisor_lock.exists()
