"""`outliers` over a real supervisor and task, and without one where the answers are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import Position
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.outlier_tests import (
    answers_path,
    list_outlier_tests,
    read_outlier_answers,
    write_outlier_test,
)
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.requests import ShowOutliers
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.dataset_files import write_small_dataset
from tests.deadlines import wait_until
from tests.harness import ENDLESS
from tests.storage.outlier_files import small_answers, small_test
from tests.storage.samples import flip_bit
from tests.system.command import SMALL, json_of, make, mnist_tui, output_of, store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace

CNN = ("--epochs", 1, "--batch-size", 256, "--model", "cnn", "--filters", "4-8", "--threads", 1)
"""A network with dropout that is trained in a moment."""


def test_drawn_signs_are_shown_to_several_models_and_their_area_is_in_the_record(
    shared: Workspace,
) -> None:
    ids = [make(shared, *CNN, "--seed", seed, "--wait") for seed in (0, 1)]
    ids.append(make(shared, *SMALL, "--wait"))
    assert [row["outlier_auroc"] for row in json_of(shared.home, "ls")] == [None] * 3
    shown: dict[str, Any] = json_of(shared.home, "outliers", *ids)
    assert shown["images"] == list("AEFHKMRWXY&?#@+%")
    first, _, last = shown["sessions"]
    assert (first["num_known"], first["num_outliers"], first["has_dropout"]) == (297, 16, True)
    assert (last["has_dropout"], last["num_same_passes"]) == (False, None)
    for answer in first["answers"]:
        assert answer["class"] == str(int(np.argmax(answer["probabilities"])))
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
        classes = [each["class"] for each in answer["passes"]]
        assert len(classes) == 3
        assert answer["is_same"] is (len(set(classes)) == 1)
    [group] = shown["seeds"]
    assert group["sessions"] == ids[:2]
    assert group["answers"][0]["classes"] == [
        each["answers"][0]["class"] for each in shown["sessions"][:2]
    ]
    # The figure is in the record, to be listed, sorted and filtered by.
    areas = {row["id"]: row["outlier_auroc"] for row in json_of(shared.home, "ls")}
    assert areas == {each["id"]: each["auroc_energy"] for each in shown["sessions"]}
    least = min(areas, key=lambda each: areas[each])
    kept = json_of(shared.home, "ls", f"auroc>{areas[least] + 1e-9:.9f}")
    assert {row["id"] for row in kept} == set(ids) - {least}
    assert json_of(shared.home, "show", ids[0])["outlier_auroc"] == areas[ids[0]]
    assert f"outlier AUROC  {areas[ids[0]]:.3f}"[:-1] in output_of(shared.home, "show", ids[0])
    metrics = json_of(shared.home, "compare", *ids)["sessions"][0]["metrics"]
    assert metrics["outlier_auroc"] == areas[ids[0]]
    assert 0 < metrics["test_ece"] < 1


def test_what_is_stored_is_shown_again_and_damage_is_replaced(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--wait")
    folder = shared.home.session(session_id)
    page = output_of(shared.home, "outliers", session_id)
    [test] = list_outlier_tests(folder)
    assert output_of(shared.home, "outliers", session_id) == page
    assert list_outlier_tests(folder) == [test]
    before = read_outlier_answers(folder, test)
    flip_bit(answers_path(folder, test), 700)
    assert output_of(shared.home, "outliers", session_id) == page
    [again] = list_outlier_tests(folder)
    assert again.created_at > test.created_at
    assert np.array_equal(read_outlier_answers(folder, again).probabilities, before.probabilities)


def test_a_folder_of_pictures_of_any_size(shared: Workspace, tmp_path: Path) -> None:
    session_id = make(shared, *SMALL, "--wait")
    Image.new("RGB", (300, 90), "white").save(tmp_path / "wide.JPG")
    Image.new("L", (5, 5)).save(tmp_path / "tiny.png")
    shown = json_of(shared.home, "outliers", session_id, "--images", tmp_path)
    assert shown["images"] == ["tiny.png", "wide.JPG"]
    assert shown["source"] == f"2 pictures in {tmp_path}"
    assert json_of(shared.home, "ls")[0]["outlier_auroc"] is None
    Image.new("L", (5, 5), 255).save(tmp_path / "third.png")
    assert len(json_of(shared.home, "outliers", session_id, "--images", tmp_path)["images"]) == 3
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = mnist_tui(shared.home, "outliers", session_id, "--images", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "broken.png cannot be read; it is damaged or no PNG or JPEG file." in done.stderr


def test_the_test_images_of_another_dataset(shared: Workspace, tmp_path: Path) -> None:
    session_id = make(shared, *SMALL, "--wait")
    missing = mnist_tui(
        shared.home, "--data-dir", tmp_path, "outliers", session_id, "--dataset", "kmnist"
    )
    assert missing.returncode == 1
    assert f"kmnist is not in {tmp_path}; name the folder that has it" in missing.stderr
    assert "Traceback" not in missing.stderr
    write_small_dataset(tmp_path, "kmnist")
    shown = json_of(
        shared.home, "--data-dir", tmp_path, "outliers", session_id,
        "--dataset", "kmnist", "--count", 7,
    )  # fmt: skip
    assert shown["source"] == "the first 7 test images of kmnist"
    assert len(shown["images"]) == 7
    own = mnist_tui(shared.home, "outliers", session_id, "--dataset", "digits")
    assert "digits is what" in own.stderr


def test_a_running_session_trains_on_and_the_best_weights_can_be_meant(shared: Workspace) -> None:
    parameters = {**ENDLESS, "model": "lenet", "threads": 1, "batch_size": 256}
    session_id = shared.create(parameters=parameters)
    checkpoints = CheckpointFolder(shared.home.session(session_id) / "checkpoints")
    wait_until(lambda: checkpoints.best() and len(checkpoints.manifests()) > 1, "a best is saved")
    shown = json_of(shared.home, "outliers", session_id)
    record = shared.record(session_id)
    assert record.state is S.RUNNING
    assert record.outlier_auroc == shown["sessions"][0]["auroc_energy"]
    shared.reach_step(session_id, record.progress.position.step + 3)
    assert shared.record(session_id).outlier_auroc == record.outlier_auroc
    shared.request(Trigger.STOP, session_id)
    shared.reach(session_id, S.STOPPED)
    best = checkpoints.best()
    assert best is not None
    shown = json_of(shared.home, "outliers", session_id, "--best")
    assert shown["sessions"][0]["step"] == best.position.step
    # The figure of the record is of the last weights.
    assert shared.record(session_id).outlier_auroc == record.outlier_auroc


def test_what_cannot_be_shown_is_told_in_a_sentence(shared: Workspace, tmp_path: Path) -> None:
    session_id = make(shared, *SMALL, "--hold", "--name", "early")
    done = mnist_tui(shared.home, "outliers", session_id)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"#{session_id} early has no checkpoint yet; let it train" in done.stderr
    with pytest.raises(Refused, match=r"There is no sound checkpoint in .*; let the session train"):
        shared.client.request(ShowOutliers, session_id=session_id)
    with pytest.raises(Refused, match="There is no session #99"):
        shared.client.request(ShowOutliers, session_id=99)
    both = mnist_tui(shared.home, "outliers", 1, "--images", tmp_path, "--dataset", "mnist")
    assert both.returncode == 2
    assert "not both" in both.stderr
    idle = mnist_tui(shared.home, "outliers", 1, "--count", 3)
    assert (idle.returncode, "name one" in idle.stderr) == (2, True)


def test_answers_that_are_there_are_shown_without_a_supervisor(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    store(home, "stored")
    CheckpointFolder(home.session(1) / "checkpoints").save(
        b"no weights", position=Position(step=1234), epoch=2.0, reason="final", is_best=False,
        generation=1, fingerprint={},
    )  # fmt: skip
    write_outlier_test(home.session(1), small_test(), small_answers())
    assert json_of(home, "outliers", "stored")["sessions"][0]["auroc_energy"] == 0.95
    assert "0.9123" in output_of(home, "outliers", 1)
    empty = mnist_tui(home, "outliers", 1, "--images", tmp_path / "nowhere")
    assert "nowhere cannot be read" in empty.stderr
    assert not home.socket.exists()
    assert not home.supervisor_lock.exists()
