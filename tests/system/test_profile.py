"""`mnist-tui profile` over a real supervisor and worker: running, at rest, in a race, refused."""

from __future__ import annotations

import json
import os
import signal
import stat
from typing import TYPE_CHECKING, Any

import pytest

from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.history import read_history
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.profiles import read_profile, write_profile
from mnist_tui.training.protocol.client import Client, Refused
from mnist_tui.training.protocol.messages import encode
from mnist_tui.training.protocol.requests import Profile
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.storage.profile_files import small_profile
from tests.system.command import json_of, make, mnist_tui, output_of, running, store
from tests.system.test_snapshots import SHORT, metric_rows, pid_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace


def folder_of(workspace: Workspace, session_id: int) -> Path:
    return workspace.home.session(session_id)


def measure(workspace: Workspace, session_id: int, num_batches: int = 3) -> dict[str, Any]:
    reply: dict[str, Any] = workspace.client.request(
        Profile, session_id=session_id, num_batches=num_batches
    )
    return reply


def test_a_running_session_tells_where_its_batches_go_and_trains_on(
    shared: Workspace, tmp_path: Path
) -> None:
    session_id = running(shared, "--name", "busy")
    trace = tmp_path / "trace.json"
    done = mnist_tui(shared.home, "profile", "busy", "--batches", 4, "--trace", trace)
    assert (done.returncode, done.stderr) == (
        0,
        f"Wrote {trace}: open it in https://ui.perfetto.dev or chrome://tracing.\n",
    )
    assert "on average over 4 batches" in done.stdout
    for part in ("data: index", "forward", "loss", "backward", "optimiser", "between two batches"):
        assert part in done.stdout
    assert "aten::convolution_backward" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Of a batch's time ")
    assert json.loads(trace.read_text())["traceEvents"]
    assert stat.S_IMODE((folder_of(shared, session_id) / "profile.json").stat().st_mode) == 0o600

    stored = read_profile(folder_of(shared, session_id))
    assert stored is not None
    shared.reach_step(session_id, stored.step + 3)
    assert shared.record(session_id).state is S.RUNNING
    last = json_of(shared.home, "profile", "busy", "--last")
    assert (last["step"], last["num_batches"]) == (stored.step, 4)
    [asked] = [
        row
        for row in read_history(folder_of(shared, session_id) / "history.jsonl")
        if row.command == "profile"
    ]
    assert (asked.step, asked.is_refused, asked.done_at is None) == (stored.step, False, False)
    assert asked.seen_at is not None
    log = (folder_of(shared, session_id) / "worker.log").read_text()
    assert f"profile done at step {stored.step:,}" in log
    assert "profiler_st" not in log  # kineto tells each start and stop


def test_a_profile_changes_no_row_and_no_weight(shared: Workspace) -> None:
    plain, watched = (
        shared.create(parameters={**SHORT, "epochs": 4}, is_held=True) for _ in range(2)
    )
    shared.request(Trigger.RELEASE, plain)
    shared.reach(plain, S.FINISHED)
    shared.request(Trigger.RELEASE, watched)
    shared.reach(watched, S.RUNNING)
    measure(shared, watched)
    shared.reach(watched, S.FINISHED)

    assert read_profile(folder_of(shared, watched)) is not None
    assert metric_rows(shared, plain) == metric_rows(shared, watched)
    plain_sum, watched_sum = (
        CheckpointFolder(folder_of(shared, each) / "checkpoints").manifests()[-1].sha256
        for each in (plain, watched)
    )
    assert plain_sum == watched_sum


def test_a_session_at_rest_shows_its_last_profile_with_date_and_step(shared: Workspace) -> None:
    session_id = running(shared)
    step = measure(shared, session_id)["step"]
    shared.request(Trigger.PAUSE, session_id)
    shared.reach(session_id, S.PAUSED)
    done = mnist_tui(shared.home, "profile", session_id)
    name = shared.record(session_id).name
    assert done.stderr == f"#{session_id} {name} is paused; this is its last profile.\n"
    assert f", up to step {step:,}" in done.stdout
    stored = read_profile(folder_of(shared, session_id))
    assert stored is not None
    assert stored.created_at in done.stdout


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (S.QUEUED, "is queued and was never profiled; ask again once it runs."),
        (S.STOPPED, "is stopped and was never profiled; resume it and ask again while it trains."),
        (S.FINISHED, "is finished and was never profiled; `mnist-tui clone` makes another one"),
    ],
)
def test_a_session_that_was_never_profiled_says_so_and_starts_no_supervisor(
    workspace: Workspace, state: S, advice: str
) -> None:
    store(workspace.home, "resting", state=state)
    done = mnist_tui(workspace.home, "profile", "resting")
    assert (done.returncode, done.stdout) == (1, "")
    assert advice in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not workspace.processes()


def test_bad_input_gets_one_sentence(shared: Workspace, tmp_path: Path) -> None:
    session_id = make(shared, "--hold")
    there = tmp_path / "there.json"
    there.write_text("mine")
    for words, code, sentence in [
        (("9999",), 1, "There is no session #9999"),
        ((session_id, "--batches", 0), 2, "Invalid value for '--batches'"),
        ((session_id, "--batches", 1001), 2, "Invalid value for '--batches'"),
        ((session_id, "--trace", tmp_path / "x.txt"), 1, "End the name with .json."),
        ((session_id, "--trace", tmp_path / "no" / "x.json"), 1, "There is no folder"),
        ((session_id, "--trace", there), 1, "exists already; --force replaces a file."),
        ((session_id, "--trace", "\x1b[2J/x.json"), 1, "There is no folder"),
    ]:
        done = mnist_tui(shared.home, "profile", *words)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert sentence in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.rstrip("\n").isprintable()
    assert there.read_text() == "mine"


def test_a_damaged_profile_and_one_without_a_trace_are_told(
    shared: Workspace, tmp_path: Path
) -> None:
    session_id = running(shared)
    measure(shared, session_id)
    words = ("profile", session_id, "--last")
    done = mnist_tui(shared.home, *words, "--trace", tmp_path / "t.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "was last profiled without a trace; profile it with --trace FILE" in done.stderr
    (folder_of(shared, session_id) / "profile.json").write_text("{")
    done = mnist_tui(shared.home, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is damaged; profile the session again." in done.stderr
    assert "on average over" in output_of(shared.home, "profile", session_id, "--batches", 2)


def test_a_trace_is_replaced_only_with_force(shared: Workspace, tmp_path: Path) -> None:
    session_id = running(shared)
    trace = tmp_path / "trace.json"
    trace.write_text("mine")
    words = ("profile", session_id, "--batches", 2, "--trace", trace, "--force")
    output_of(shared.home, *words)
    assert json.loads(trace.read_text())["traceEvents"]
    assert [each.name for each in tmp_path.iterdir()] == ["trace.json"]


def test_what_does_not_train_is_refused_by_the_supervisor(shared: Workspace) -> None:
    held = shared.create(is_held=True)
    with pytest.raises(
        Refused, match=f"#{held} cannot be profiled: it waits in the queue; try again"
    ):
        measure(shared, held)
    with pytest.raises(Refused, match="There is no session #9999"):
        measure(shared, 9999)
    rows = read_history(folder_of(shared, held) / "history.jsonl")
    assert [row.is_refused for row in rows if row.command == "profile"] == [True]


def test_two_clients_at_once_and_a_worker_that_is_killed_leave_answers(shared: Workspace) -> None:
    session_id = running(shared)
    os.kill(pid_of(shared, session_id), signal.SIGSTOP)
    with Client.connect(shared.home) as client:
        for number in (901, 902):
            request = Profile(id=number, session_id=session_id, num_batches=3)
            client._connection.sendall(encode(request))
        messages = client._messages()
        second = next(messages)
        assert "it is being profiled already" in str(second.refusal)  # type: ignore[union-attr]
        shared.request(Trigger.KILL, session_id)
        first = next(messages)
        assert "its worker ended before that was done" in str(first.refusal)  # type: ignore[union-attr]
    shared.reach(session_id, S.KILLED)


def test_a_pause_in_the_middle_is_obeyed_at_once_and_answers_who_asked(shared: Workspace) -> None:
    session_id = running(shared)
    with Client.connect(shared.home) as client:
        request = Profile(id=903, session_id=session_id, num_batches=1000)
        client._connection.sendall(encode(request))
        history = folder_of(shared, session_id) / "history.jsonl"
        wait_until(
            lambda: any(row.seen_at for row in read_history(history) if row.command == "profile"),
            "the worker has taken the order",
        )
        step = shared.record(session_id).progress.position.step
        shared.reach_step(session_id, step + 5)
        shared.request(Trigger.PAUSE, session_id)
        shared.reach(session_id, S.PAUSED)
        reply = next(client._messages())
    stored = read_profile(folder_of(shared, session_id))
    assert reply.refusal is None  # type: ignore[union-attr]
    assert stored is not None
    assert 0 < stored.num_batches < 1000


def test_a_stored_profile_is_shown_without_a_supervisor(workspace: Workspace) -> None:
    store(workspace.home, "resting")
    write_profile(workspace.home.session(1), small_profile(), None)
    assert "up to step 1,234" in output_of(workspace.home, "profile", 1)
    assert not workspace.processes()
