"""Over a real SSH connection: it drops, and nothing is lost, left behind or left switched on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage.records import SessionState as S
from tests.deadlines import patient, wait_until
from tests.harness import still_running
from tests.system.command import COMMAND, environment, json_of, store
from tests.system.sshd import SshServer, remote_line, ssh_server
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

GONE_WITHIN_S = 2.0
IDLE_SHARE = 0.05
"""Of one core, that everything but training may use while nobody looks."""
MOUSE_MODES = (b"?9h", b"?1000h", b"?1001h", b"?1002h", b"?1003h", b"?1005h", b"?1006h", b"?1015h")
ALTERNATE_SCREEN, NORMAL_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"
CTRL_C, CTRL_R = b"\x03", b"\x12"


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


def log_in(server: SshServer, workspace: Workspace, *words: object) -> Terminal:
    """Open the screen in a remote terminal of 80×24."""
    remote = remote_line(
        "--data-dir",
        workspace.data_dir,
        *words,
        MNIST_TUI_HOME=workspace.home.path,
        XDG_CONFIG_HOME="/none",
    )
    env = environment(TERM="xterm-256color", COLORTERM=None)
    return Terminal(server.command("-tt", remote=remote), env, columns=80, rows=24)


def screens(workspace: Workspace) -> list[psutil.Process]:
    """Return the processes on this home that are no supervisor, guard or child of them."""
    path = str(workspace.home.path)
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "mnist_tui.tui" in (process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("MNIST_TUI_HOME") == path
    ]


def running_session(workspace: Workspace, **parameters: object) -> int:
    given = {"epochs": 100_000, "batch_size": 32, "log_every": 1, "filters": "4"}
    session_id = workspace.create(parameters=given | parameters, name="overnight")
    workspace.reach_step(session_id, 3)
    return session_id


def steps_of(workspace: Workspace, session_id: int) -> list[int]:
    return [row.step for row in workspace.rows(session_id) if row.split == "train"]


def assert_never_paused(workspace: Workspace, session_id: int, step: int) -> None:
    """Training went on past `step` in the same worker, without a gap."""
    record = workspace.reach_step(session_id, step + 5)
    assert (record.state, record.generation) == (S.RUNNING, 1)
    steps = steps_of(workspace, session_id)
    assert steps == list(range(1, len(steps) + 1))
    commands = workspace.home.session(session_id).joinpath("history.jsonl").read_text()
    assert "paus" not in commands


def cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def assert_nothing_spins(workspace: Workspace) -> None:
    """Everything of this home but its workers sleeps."""
    workers = {record.worker_pid for record in workspace.records()}
    others = [
        *(one for one in workspace.processes() if one.pid not in workers),
        *screens(workspace),
    ]
    assert others
    before, started_at = cpu_s(others), time.monotonic()
    time.sleep(1.0)  # a share needs a span of time
    assert (cpu_s(others) - before) / (time.monotonic() - started_at) < IDLE_SHARE


def freeze_and_kill_server_side(server: SshServer, _terminal: Terminal) -> None:
    connection = server.session_processes()
    for process in connection:
        process.suspend()
    for process in reversed(connection):
        process.kill()


def kill_client(_server: SshServer, terminal: Terminal) -> None:
    terminal.process.kill()


@pytest.mark.parametrize("drop", [kill_client, freeze_and_kill_server_side])
def test_a_lost_connection_costs_training_nothing_and_the_next_login_shows_the_same(
    server: SshServer, shared: Workspace, drop: object
) -> None:
    assert callable(drop)
    session_id = running_session(shared)
    terminal = log_in(server, shared)
    with terminal:
        terminal.await_text("overnight")
        terminal.await_text("running")
        (screen,) = screens(shared)
        step = steps_of(shared, session_id)[-1]
        drop(server, terminal)
        dropped_at = time.monotonic()
        assert not still_running([screen], timeout_s=10)
        assert time.monotonic() - dropped_at < patient(GONE_WITHIN_S)
    assert_never_paused(shared, session_id, step)
    assert_nothing_spins(shared)
    with log_in(server, shared) as again:
        again.await_text("overnight")
        again.await_text("▶ running")
        again.keys(b"q")
        again.wait_for_end()
    assert_never_paused(shared, session_id, step)


def test_a_training_started_in_the_form_survives_the_drop(
    server: SshServer, shared: Workspace
) -> None:
    with log_in(server, shared) as terminal:
        terminal.await_text("No sessions yet")
        terminal.keys(b"n")
        terminal.await_text("New session")
        terminal.keys(b"\x1b[B", *[bytes([letter]) for letter in b"typed"])
        terminal.await_text("typed")
        terminal.keys(CTRL_R)
        terminal.await_text("typed is", timeout_s=60)
        terminal.process.kill()
    (record,) = shared.records()
    assert record.name == "typed"
    shared.reach(record.id, S.RUNNING, S.FINISHED)
    wait_until(lambda: not screens(shared), "the screen's process is gone", GONE_WITHIN_S)


def assert_restored(output: bytes) -> None:
    """The last word on every mode that the screen switched is the terminal's normal one."""
    assert ALTERNATE_SCREEN in output
    assert output.rindex(NORMAL_SCREEN) > output.rindex(ALTERNATE_SCREEN)
    assert output.rindex(SHOW_CURSOR) > output.rindex(HIDE_CURSOR)
    for mode in (b"2004", b"1004", *(mode[1:-1] for mode in MOUSE_MODES)):
        switched_on, switched_off = b"\x1b[?" + mode + b"h", b"\x1b[?" + mode + b"l"
        if switched_on in output:
            assert output.rindex(switched_off) > output.rindex(switched_on), mode
    if b"\x1b[>1u" in output:
        assert output.rindex(b"\x1b[<u") > output.rindex(b"\x1b[>1u")


def assert_no_mouse(output: bytes) -> None:
    assert not [mode for mode in MOUSE_MODES if b"\x1b[" + mode in output]


def ask_to_leave(terminal: Terminal, _screen: psutil.Process) -> None:
    terminal.keys(b"q")


def interrupt_and_leave(terminal: Terminal, screen: psutil.Process) -> None:
    terminal.keys(CTRL_C)
    terminal.await_text("press q to leave")
    assert screen.is_running()
    terminal.keys(b"q")


def terminate(_terminal: Terminal, screen: psutil.Process) -> None:
    screen.terminate()


@pytest.mark.parametrize("leave", [ask_to_leave, interrupt_and_leave, terminate])
def test_the_terminal_is_as_before_and_the_mouse_was_never_taken(
    server: SshServer, shared: Workspace, leave: object
) -> None:
    assert callable(leave)
    with log_in(server, shared) as terminal:
        terminal.await_text("No sessions yet")
        (screen,) = screens(shared)
        leave(terminal, screen)
        terminal.wait_for_end(timeout_s=10)
        assert_restored(terminal.output)
        assert_no_mouse(terminal.output)
        assert b"Traceback" not in terminal.output


CRASH = """
import sys
from pathlib import Path
from mnist_tui.storage.home import Home
from mnist_tui.tui.app import app
class Broken(app.MnistTuiApp):
    CSS_PATH = Path(app.__file__).with_name("app.tcss")
    def action_keep_running(self):
        raise RuntimeError("an error of our own \\x1b[31m")
app.MnistTuiApp = Broken
print("said:", app.open_ui(Home(Path(sys.argv[1])), Path(sys.argv[1]), 0.2).sentence)
"""


def test_an_error_of_the_screen_leaves_the_terminal_as_before(
    shared: Workspace, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(CRASH)
    env = environment(TERM="xterm-256color", SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22")
    command = [sys.executable, "-P", str(broken), str(shared.home.path)]
    with Terminal(command, env, columns=80, rows=24) as terminal:
        terminal.await_text("No sessions yet")
        terminal.keys(CTRL_C)
        terminal.wait_for_end(timeout_s=10)
        assert_restored(terminal.output)
        assert_no_mouse(terminal.output)
        said = terminal.output.rpartition(NORMAL_SCREEN)[2]
    assert b"said: The screen ended with an error" in said
    assert b"Traceback" not in terminal.output
    assert "an error of our own" in (shared.home.path / "tui.log").read_text()


def test_a_remote_command_that_starts_a_supervisor_returns_at_once(
    server: SshServer, workspace: Workspace
) -> None:
    remote = remote_line(
        "--data-dir",
        workspace.data_dir,
        "new",
        "--epochs",
        100_000,
        MNIST_TUI_HOME=workspace.home.path,
    )
    done = subprocess.run(
        server.command(remote=remote), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=patient(60), check=False,
    )  # fmt: skip
    # It could not have returned while a child held the connection's pipes.
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    workspace.reach(1, S.RUNNING)
    wait_until(lambda: not server.session_processes(), "the connection is closed", timeout_s=5)
    assert_no_descriptors_shared(workspace)


def assert_no_descriptors_shared(workspace: Workspace) -> None:
    """Supervisor, guard and workers hold no terminal and none of whoever started them."""
    for process in workspace.processes():
        for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                target = str(descriptor.readlink())
                assert not target.startswith(("/dev/pts", "/dev/tty")), (process.cmdline(), target)


def test_ctrl_c_in_the_shell_that_started_the_supervisor_leaves_it_alone(
    workspace: Workspace,
) -> None:
    store(workspace.home, "kept")
    shell = (
        "trap : INT; " + " ".join(map(str, COMMAND)) + " supervisor start; echo started; read x;"
        " echo interrupted; read y"
    )
    env = environment(MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME="/none")
    with Terminal(["bash", "-c", shell], env, columns=80, rows=24) as terminal:
        terminal.await_text("started")
        pid = json_of(workspace.home, "supervisor", "status")["pid"]
        supervisor = psutil.Process(pid)
        assert os.getsid(pid) != os.getsid(terminal.process.pid)
        terminal.keys(CTRL_C, CTRL_C)
        terminal.await_text("^C")
    # And when the terminal goes, nothing of it goes along.
    assert json_of(workspace.home, "supervisor", "status")["pid"] == pid
    assert supervisor.is_running()
    assert_no_descriptors_shared(workspace)
