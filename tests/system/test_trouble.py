"""Full disks and losses that are not finite, in real workers."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.worker_status import Activity, read_worker_status
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.system.kills import CASES, difference, result_of, untouched

if TYPE_CHECKING:
    from tests.harness import Workspace

UNLIMITED = resource.RLIM_INFINITY


def limit_files(pid: int, num_bytes: int) -> None:
    """Let no file of a living process grow beyond `num_bytes`, as a full disk would."""
    psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (num_bytes, UNLIMITED))


def short_of_room(workspace: Workspace, case: dict[str, Any], num_bytes: int) -> tuple[int, int]:
    """Return a session that has paused for want of room, and its worker's pid."""
    session = workspace.create(parameters=case)
    pid = workspace.reach_step(session, 10).worker_pid
    assert pid is not None
    limit_files(pid, num_bytes)
    workspace.reach(session, S.PAUSED)
    return session, pid


@pytest.mark.parametrize(
    ("num_bytes", "given", "what"),
    [
        # Without periodic or best checkpoints, one of which might be on its way just then.
        (200, {"checkpoint_every": 86_400, "validation": 0}, "metrics.jsonl could not be written"),
        (20_000, {}, "the checkpoint of step"),
    ],
)
def test_a_full_disk_pauses_and_once_there_is_room_nothing_was_lost(
    shared: Workspace, num_bytes: int, given: dict[str, Any], what: str
) -> None:
    case = {**CASES[0], "epochs": 6, **given}
    expected = untouched(shared, case)
    session, pid = short_of_room(shared, case, num_bytes)

    cause = shared.record(session).cause
    assert cause is not None
    assert cause.startswith("disk full: ")
    assert what in cause
    assert "make room and resume" in cause
    found = read_worker_status(shared.home.session(session) / folders.WHEREABOUTS)
    assert found is not None
    assert found.activity is Activity.PAUSED

    limit_files(pid, UNLIMITED)
    shared.request(Trigger.RESUME, session)
    record = shared.reach(session, S.FINISHED)
    assert record.generation == 1
    assert difference(expected, result_of(shared, session)) is None


def test_a_stop_on_a_full_disk_leaves_with_the_last_checkpoint(shared: Workspace) -> None:
    case = {**CASES[0], "epochs": 50}
    session, _ = short_of_room(shared, case, 20_000)

    shared.request(Trigger.STOP, session)

    cause = shared.reach(session, S.STOPPED).cause
    assert cause is not None
    assert cause.startswith("disk full: ")
    assert " is safe" in cause or "nothing was saved before" in cause
    shared.request(Trigger.RESUME, session)
    shared.reach(session, S.RUNNING)


def test_however_many_are_written_only_the_newest_two_and_the_best_are_kept(
    shared: Workspace,
) -> None:
    session = shared.create(parameters={**CASES[0], "epochs": 2, "checkpoint_every": 0})
    record = shared.reach(session, S.FINISHED)
    folder = shared.home.session(session) / folders.CHECKPOINTS
    kept = CheckpointFolder(folder).manifests()
    assert record.progress.position.step > 60
    assert kept[-1].position == record.progress.position
    assert 2 <= len(kept) <= 3
    assert any(info.is_best for info in kept)
    assert len(list(folder.iterdir())) == 2 * len(kept)


def test_a_loss_that_is_not_finite_fails_the_session_and_keeps_its_checkpoint(
    shared: Workspace,
) -> None:
    session = shared.create(
        parameters={
            **CASES[1],
            "learning_rate": 100,
            "weight_decay": 10,
            "schedule": "onecycle",
            "epochs": 50,
            "checkpoint_every": 0,
        }
    )
    failed = shared.reach(session, S.FAILED)
    assert failed.cause is not None
    assert "became" in failed.cause
    assert "lower the learning rate" in failed.cause
    loaded = CheckpointFolder(shared.home.session(session) / "checkpoints").newest_valid()
    assert loaded is not None
    assert f"checkpoint {loaded.info.position.step:,} is safe" in failed.cause
    assert failed.progress.position.step - loaded.info.position.step in (0, 1)
