"""Named snapshots over a real supervisor and worker: training, paused, and at rest."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.history import CommandHistory, read_history
from mnist_tui.storage.lock import FileLock
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Client, Refused
from mnist_tui.training.protocol.messages import encode
from mnist_tui.training.protocol.requests import KeepCheckpoint
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.harness import ENDLESS
from tests.system.command import SMALL, json_of, make, mnist_tui, output_of, running

if TYPE_CHECKING:
    from mnist_tui.storage.records import CheckpointInfo
    from tests.harness import Workspace

FREQUENT = {**ENDLESS, "model": "lenet", "threads": 1, "checkpoint_every": 0}
"""A session that saves after every batch, so that retention has much to delete."""
RARE = {**FREQUENT, "checkpoint_every": 86_400, "validation": 0}
"""A session that saves when it is told to."""
SHORT = {"model": "lenet", "threads": 1, "epochs": 3, "batch_size": 64, "log_every": 1}
COMPARED = ("step", "epoch", "split", "loss", "accuracy", "mse", "learning_rate")


def take(workspace: Workspace, session_id: int, name: str) -> dict[str, Any]:
    reply: dict[str, Any] = workspace.client.request(
        KeepCheckpoint, session_id=session_id, name=name
    )
    return reply


def checkpoints(workspace: Workspace, session_id: int) -> list[CheckpointInfo]:
    return CheckpointFolder(workspace.home.session(session_id) / "checkpoints").manifests()


def named(workspace: Workspace, session_id: int) -> dict[str, CheckpointInfo]:
    return {info.name: info for info in checkpoints(workspace, session_id) if info.name}


def last_request(workspace: Workspace, session_id: int) -> CommandHistory:
    rows = read_history(workspace.home.session(session_id) / "history.jsonl")
    return [row for row in rows if row.command == "snapshot"][-1]


def test_a_running_session_is_kept_under_a_name_and_trains_on(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    step = shared.reach_step(session_id, 5).progress.position.step

    reply = take(shared, session_id, " before the change ")

    assert shared.record(session_id).state is S.RUNNING
    info = named(shared, session_id)["before the change"]
    assert reply == {"step": info.position.step, "file": info.file}
    assert info.position.step >= step
    assert info.reason == "snapshot"
    shared.reach_step(session_id, info.position.step + 5)
    asked = last_request(shared, session_id)
    assert asked.requested_at
    assert asked.seen_at
    assert asked.done_at
    assert asked.by.startswith("cli pid ")
    assert (asked.step, asked.result) == (info.position.step, "before the change")


def test_a_snapshot_outlives_all_that_retention_lets_go(shared: Workspace) -> None:
    session_id = shared.create(parameters=FREQUENT)
    shared.reach_step(session_id, 3)
    first = take(shared, session_id, "first")
    second = take(shared, session_id, "second")
    shared.reach_step(session_id, second["step"] + 20)
    shared.request(Trigger.STOP, session_id)
    shared.reach(session_id, S.STOPPED)

    kept = named(shared, session_id)

    assert {name: info.file for name, info in kept.items()} == {
        "first": first["file"], "second": second["file"],
    }  # fmt: skip
    assert len(checkpoints(shared, session_id)) <= len(kept) + 3
    folder = CheckpointFolder(shared.home.session(session_id) / "checkpoints")
    assert all(folder.load(info) for info in kept.values())


def test_a_paused_session_stays_paused_and_goes_on_where_it_was(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    shared.reach_step(session_id, 3)
    shared.request(Trigger.PAUSE, session_id)
    step = shared.reach(session_id, S.PAUSED).progress.position.step

    assert take(shared, session_id, "held still")["step"] == step

    assert shared.record(session_id).state is S.PAUSED
    reasons = [(info.reason, info.name) for info in checkpoints(shared, session_id)]
    assert reasons == [("pause", ""), ("snapshot", "held still")]
    shared.request(Trigger.RESUME, session_id)
    shared.reach_step(session_id, step + 2)


def test_of_a_session_at_rest_the_newest_checkpoint_is_linked_not_copied(shared: Workspace) -> None:
    session_id = shared.create(parameters=SHORT)
    shared.reach(session_id, S.FINISHED)
    final = checkpoints(shared, session_id)[-1]

    reply = take(shared, session_id, "release candidate")

    info = named(shared, session_id)["release candidate"]
    assert reply == {"step": final.position.step, "file": info.file}
    assert (info.sha256, info.position) == (final.sha256, final.position)
    folder = shared.home.session(session_id) / "checkpoints"
    assert (folder / info.file).samefile(folder / final.file)
    assert info.file != final.file
    asked = last_request(shared, session_id)
    assert (asked.result, asked.is_refused) == ("release candidate", False)
    assert asked.done_at


def test_a_damaged_newest_checkpoint_is_passed_over(shared: Workspace) -> None:
    session_id = shared.create(parameters=SHORT)
    shared.reach(session_id, S.FINISHED)
    older, newest = checkpoints(shared, session_id)[-2:]
    path = shared.home.session(session_id) / "checkpoints" / newest.file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert take(shared, session_id, "sound")["step"] == older.position.step
    assert named(shared, session_id)["sound"].sha256 == older.sha256


def test_a_snapshot_changes_no_row_and_no_weight(shared: Workspace) -> None:
    plain, watched = (shared.create(parameters=SHORT, is_held=True) for _ in range(2))
    shared.request(Trigger.RELEASE, plain)
    shared.reach(plain, S.FINISHED)
    shared.request(Trigger.RELEASE, watched)
    shared.reach(watched, S.RUNNING)
    taken = 0
    while taken < 5 and shared.record(watched).state is S.RUNNING:
        try:
            take(shared, watched, f"number {taken}")
        except Refused as error:
            assert "its worker ended" in str(error)  # noqa: PT017 — it may finish meanwhile
            break
        taken += 1
    shared.reach(watched, S.FINISHED)

    assert taken > 0
    assert metric_rows(shared, plain) == metric_rows(shared, watched)
    finals = [checkpoints(shared, each)[-1] for each in (plain, watched)]
    assert finals[0].sha256 == finals[1].sha256


def metric_rows(workspace: Workspace, session_id: int) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in COMPARED) for row in workspace.rows(session_id)]


def test_a_name_is_given_once_in_a_session(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    shared.reach_step(session_id, 2)
    take(shared, session_id, "only one")
    with pytest.raises(Refused, match="has a snapshot called only one already; choose another"):
        take(shared, session_id, "only one")
    shared.request(Trigger.STOP, session_id)
    shared.reach(session_id, S.STOPPED)
    with pytest.raises(Refused, match="has a snapshot called only one already"):
        take(shared, session_id, "only one")
    assert last_request(shared, session_id).is_refused
    assert len(named(shared, session_id)) == 1


def test_two_clients_that_ask_for_one_name_at_once_make_one_snapshot(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    shared.reach_step(session_id, 2)
    lines = b"".join(
        encode(KeepCheckpoint(id=number, session_id=session_id, name="same"))
        for number in (901, 902)
    )
    with Client.connect(shared.home) as client:
        client._connection.sendall(lines)
        messages = client._messages()
        replies = [next(messages), next(messages)]
    assert sorted(reply.refusal is None for reply in replies) == [False, True]  # type: ignore[union-attr]
    assert len(named(shared, session_id)) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "the name is empty"),
        ("7", "all digits"),
        ("../x", "begins with '.'"),
        ("a/b", "leave out slashes"),
        ("red\x1b[31m", "control or invisible character at position 4"),
        ("x" * 65, "use 64 or fewer"),
    ],
)
def test_a_name_that_is_no_label_is_refused(shared: Workspace, name: str, words: str) -> None:
    session_id = shared.create(is_held=True)
    with pytest.raises(Refused) as caught:
        take(shared, session_id, name)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"Session #{session_id} cannot be kept as a snapshot: ")


def test_what_has_no_checkpoint_or_is_no_session_is_refused(shared: Workspace) -> None:
    session_id = shared.create(is_held=True)
    with pytest.raises(Refused, match=r"kept as a snapshot: it has no checkpoint yet\."):
        take(shared, session_id, "nothing")
    with pytest.raises(Refused, match="There is no session #9999"):
        take(shared, 9999, "nobody")
    assert not (shared.home.session(session_id) / "checkpoints").exists()


def test_a_session_that_is_just_starting_or_ending_is_refused(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    with pytest.raises(Refused, match="it is still starting; wait until it runs"):
        take(shared, session_id, "too early")
    shared.reach_step(session_id, 1)
    os.kill(pid_of(shared, session_id), signal.SIGSTOP)  # it will not answer
    try:
        shared.request(Trigger.PAUSE, session_id)
        with pytest.raises(Refused, match="it is still pausing; wait until it is paused"):
            take(shared, session_id, "too late")
        shared.request(Trigger.STOP, session_id)
        with pytest.raises(Refused, match="it is stopping; try again once it has stopped"):
            take(shared, session_id, "too late")
    finally:
        os.kill(pid_of(shared, session_id), signal.SIGCONT)
    shared.reach(session_id, S.STOPPED)
    assert named(shared, session_id) == {}


def test_a_worker_that_is_killed_first_leaves_an_answer(shared: Workspace) -> None:
    session_id = shared.create(parameters=RARE)
    shared.reach_step(session_id, 1)
    os.kill(pid_of(shared, session_id), signal.SIGSTOP)
    with Client.connect(shared.home) as client:
        line = encode(KeepCheckpoint(id=77, session_id=session_id, name="never"))
        client._connection.sendall(line)
        wait_until(lambda: last_requested(shared, session_id) == "never", "it is asked for")
        shared.request(Trigger.KILL, session_id)
        reply = next(client._messages())
    assert "its worker ended before it could save" in str(reply.refusal)  # type: ignore[union-attr]
    shared.reach(session_id, S.KILLED)


def last_requested(workspace: Workspace, session_id: int) -> str:
    rows = read_history(workspace.home.session(session_id) / "history.jsonl")
    return next((row.result for row in rows if row.command == "snapshot"), "")


def test_a_snapshot_without_room_is_refused_and_training_goes_on(shared: Workspace) -> None:
    session_id = shared.create(parameters={**RARE, "log_every": 50})
    shared.reach_step(session_id, 2)
    worker = psutil.Process(pid_of(shared, session_id))
    worker.rlimit(psutil.RLIMIT_FSIZE, (100_000, psutil.RLIM_INFINITY))

    with pytest.raises(Refused, match=r"snapshot: disk full: .*, which needs [0-9.]+ [kM]B\.$"):
        take(shared, session_id, "tight")

    asked = last_request(shared, session_id)
    assert asked.is_refused
    assert asked.step
    shared.reach_step(session_id, asked.step + 5)
    worker.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    take(shared, session_id, "tight")
    assert list(named(shared, session_id)) == ["tight"]
    assert shared.record(session_id).state is S.RUNNING


def test_a_worker_of_an_earlier_supervisor_keeps_a_session_from_being_named(
    shared: Workspace,
) -> None:
    session_id = shared.create(parameters=SHORT)
    shared.reach(session_id, S.FINISHED)
    with (
        FileLock.acquire(shared.home.session(session_id) / "worker.lock"),
        pytest.raises(Refused, match=f"pid {os.getpid()}"),
    ):
        take(shared, session_id, "while held")
    assert named(shared, session_id) == {}
    take(shared, session_id, "while free")


def pid_of(workspace: Workspace, session_id: int) -> int:
    pid = workspace.record(session_id).worker_pid
    assert pid is not None
    return pid


def test_the_command_keeps_a_checkpoint_and_show_names_it(shared: Workspace) -> None:
    session_id = make(shared, *SMALL, "--wait", "--name", "short")
    done = mnist_tui(shared.home, "snapshot", "short", "release candidate")
    assert (done.returncode, done.stdout) == (0, "")
    (info,) = named(shared, session_id).values()
    step = info.position.step
    assert done.stderr == (
        f"Step {step:,} of #{session_id} short is kept as release candidate in {info.file}.\n"
    )
    details = json_of(shared.home, "show", session_id)
    assert details["checkpoints"][-1]["name"] == "release candidate"
    assert details["peak_memory_bytes"] > 1_000_000
    assert details["batches_per_s"] is None
    page = output_of(shared.home, "show", session_id)
    assert "release candidate" in page
    assert "peak memory" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("snapshot", "@", "again"), "it has no checkpoint yet."),
        (("snapshot", "@", "a\x1b[2J"), "control or invisible character at position 2"),
        (("snapshot", "@", "12"), "add a letter"),
        (("snapshot", "9999", "x"), "There is no session #9999"),
    ],
)
def test_the_command_refuses_with_one_sentence(
    shared: Workspace, words: tuple[str, ...], sentence: str
) -> None:
    session_id = make(shared, "--hold")
    done = mnist_tui(shared.home, *[word.replace("@", str(session_id)) for word in words])
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
    assert done.stderr.replace("\n", "").isprintable()


def test_a_running_session_tells_its_batches_per_second(shared: Workspace) -> None:
    session_id = running(shared)
    rate = wait_until(
        lambda: json_of(shared.home, "show", session_id)["batches_per_s"], "its speed is known"
    )
    assert 0 < rate < 1e6
