"""Commands that change sessions and wait for them, run as processes against a real supervisor."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import psutil

from mnist_tui.storage.records import SessionState as S
from tests.deadlines import patient, wait_until
from tests.system.command import (
    COMMAND,
    ENDLESS,
    SMALL,
    environment,
    json_of,
    make,
    mnist_tui,
    output_of,
    running,
    state_of,
)

if TYPE_CHECKING:
    from tests.harness import Workspace


def test_pause_stop_and_kill_return_when_it_has_happened(shared: Workspace) -> None:
    session_id = running(shared)
    for command, state in (("pause", "paused"), ("stop", "stopped"), ("kill", "killed")):
        done = mnist_tui(shared.home, command, session_id)
        assert (done.returncode, done.stdout) == (0, "")
        assert state_of(shared, session_id) == state
        assert f"#{session_id} " in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert mnist_tui(shared.home, "resume", session_id).returncode == 0
        shared.reach(session_id, S.RUNNING)


def test_a_paused_session_measures_nothing_and_resumes_with_the_next_batch(
    shared: Workspace,
) -> None:
    session_id = running(shared)
    output_of(shared.home, "pause", session_id)
    before = json_of(shared.home, "metrics", session_id)
    step = json_of(shared.home, "show", session_id)["step"]
    assert before[-1]["step"] <= step
    output_of(shared.home, "resume", session_id)
    shared.reach_step(session_id, step + 1)
    after = json_of(shared.home, "metrics", session_id)
    train = [row["step"] for row in after if row["split"] == "train"]
    assert train == list(range(1, len(train) + 1))
    assert after[: len(before)] == before


def test_of_several_sessions_each_gets_a_line_and_one_refusal_fails_the_command(
    shared: Workspace,
) -> None:
    first = running(shared)
    second = make(shared, *ENDLESS, "--hold", "--name", "waiting")
    done = mnist_tui(shared.home, "pause", f"#{first}", "waiting")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert any(line.startswith(f"#{first} ") and "paused" in line for line in lines)
    assert any(f"Session #{second} cannot be paused" in line for line in lines)
    assert state_of(shared, first) == "paused"


def test_selectors_and_all_mean_the_sessions_they_fit(shared: Workspace) -> None:
    first, second = running(shared), running(shared)
    output_of(shared.home, "pause", first)
    output_of(shared.home, "stop", "state:running")
    assert (state_of(shared, first), state_of(shared, second)) == ("paused", "stopped")
    output_of(shared.home, "kill", "--all")
    assert (state_of(shared, first), state_of(shared, second)) == ("killed", "stopped")
    nothing = mnist_tui(shared.home, "kill", "--all")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no session to kill" in nothing.stderr


def test_wait_ends_at_once_on_a_held_or_paused_session(shared: Workspace) -> None:
    held = make(shared, *ENDLESS, "--hold")
    done = mnist_tui(shared.home, "wait", held)
    assert done.returncode == 1
    assert f"mnist-tui release {held}" in done.stderr
    output_of(shared.home, "release", held)
    shared.reach(held, S.RUNNING)
    waiting = subprocess.Popen(
        [*COMMAND, "wait", str(held)],
        env=environment(MNIST_TUI_HOME=shared.home.path),
        stderr=subprocess.PIPE,
        text=True,
    )
    output_of(shared.home, "pause", held)
    _, told = waiting.communicate(timeout=patient(20))
    assert waiting.returncode == 1
    assert told.splitlines() == [
        f"#{held} cnn-digits is paused; `mnist-tui resume {held}` goes on."
    ]


def test_wait_gives_up_when_its_time_is_up_and_training_goes_on(shared: Workspace) -> None:
    session_id = running(shared)
    done = mnist_tui(shared.home, "wait", session_id, "--timeout", "0.3")
    assert done.returncode == 124
    assert len(done.stderr.splitlines()) == 1
    assert state_of(shared, session_id) == "running"


def test_wait_fails_for_a_session_that_was_killed_while_the_other_finished(
    shared: Workspace,
) -> None:
    killed = make(shared, *ENDLESS, "--hold")
    finished = make(shared, *SMALL)
    output_of(shared.home, "kill", killed)
    done = mnist_tui(shared.home, "wait", finished, killed)
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == [f"#{killed}"]
    assert state_of(shared, finished) == "finished"


def test_ctrl_c_ends_a_waiting_command_quietly_and_leaves_training_alone(shared: Workspace) -> None:
    session_id = running(shared)
    waiting = subprocess.Popen(
        [*COMMAND, "wait", str(session_id)],
        env=environment(MNIST_TUI_HOME=shared.home.path),
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = waiting.pid
    wait_until(lambda: _is_connected(pid), "the command is connected")
    waiting.send_signal(signal.SIGINT)
    _, told = waiting.communicate(timeout=patient(20))
    assert (waiting.returncode, told.strip()) == (130, "")
    assert state_of(shared, session_id) == "running"


def test_removed_sessions_are_in_the_trash_and_the_command_says_where(shared: Workspace) -> None:
    session_id = make(shared, *ENDLESS, "--hold")
    done = mnist_tui(shared.home, "rm", session_id)
    assert done.returncode == 0
    assert str(shared.home.trash / str(session_id)) in done.stderr
    assert (shared.home.trash / str(session_id) / "session.json").exists()
    assert json_of(shared.home, "ls") == []


def _is_connected(pid: int) -> bool:
    return any(
        connection.family.name == "AF_UNIX"
        for connection in psutil.Process(pid).net_connections("unix")
    )
