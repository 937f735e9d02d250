"""Terminals that change their size all the time, and terminals that stop reading."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import termios
from random import Random
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.deadlines import wait_until
from tests.system.command import COMMAND, environment, running
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from tests.harness import Workspace

SEED = int(os.environ.get("MNIST_TUI_TEST_SEED", "1"))
NUM_RESIZES = 200
MAX_CATCH_UP_BYTES = 400_000
"""A hundred full frames are more."""
AXIS = re.compile(r"[ 0-9.]*[│┤└]|[ 0-9]+(epochs)?[ 0-9]*$")
ESCAPE = b"\x1b"
COLUMNS, ROWS = 110, 36


def screen_of(
    workspace: Workspace, columns: int = COLUMNS, rows: int = ROWS, **variables: str
) -> Terminal:
    return Terminal(
        [*COMMAND, "--data-dir", str(workspace.data_dir), "--refresh", "0.2"],
        environment(
            MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME="/nonexistent",
            TERM="xterm-256color", LC_ALL="C.UTF-8", **variables,
        ),
        columns=columns,
        rows=rows,
    )  # fmt: skip


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def follow(terminal: Terminal, columns: int, rows: int) -> None:
    """Let process and emulator have a new size, with an empty screen to begin with."""
    terminal.read()
    resize(terminal, columns, rows)
    terminal.screen.resize(rows, columns)
    terminal.screen.reset()


def assert_as_fresh(terminal: Terminal, workspace: Workspace) -> None:
    """Check that a terminal shows, line by line, what one that is opened now shows."""
    with screen_of(workspace) as fresh:
        fresh.await_screen(lambda shown: "loss" in shown and "stopped" in shown, "it is open")
        try:
            wait_until(lambda: settled(terminal) == settled(fresh), "both show the same")
        except AssertionError:
            assert settled(terminal) == settled(fresh)


def settled(terminal: Terminal) -> list[str]:
    """Return the lines in sight, but for the axes of charts: those depend on what they saw."""
    return [line for line in terminal.display() if not AXIS.match(line)]


def test_the_size_is_that_of_the_terminal_whatever_the_environment_says(shared: Workspace) -> None:
    # A program that uses readline exports both to the programs it starts.
    with screen_of(shared, LINES="24", COLUMNS="80") as terminal:
        for columns, rows in ((COLUMNS, ROWS), (100, 30)):
            follow(terminal, columns, rows)
            terminal.await_screen(
                lambda _: "leave" in terminal.screen.display[-1],
                f"the last of {rows} lines is used",
            )


def test_two_hundred_sizes_in_a_row_leave_the_screen_that_a_new_one_shows(
    shared: Workspace,
) -> None:
    session_id = running(shared, "--name", "stormy")
    random = Random(SEED)
    with screen_of(shared) as terminal:
        terminal.await_text("running")
        for number in range(NUM_RESIZES):
            resize(terminal, random.randint(20, 250), random.randint(5, 80))
            if number % 10 == 0:
                terminal.keys(random.choice((b"j", b"\r", ESCAPE, b"?", b"2", b"n")))
            terminal.read()
            assert terminal.process.poll() is None, f"size {number} of seed {SEED}"
        terminal.keys(*[ESCAPE] * 8)
        follow(terminal, 40, 8)
        terminal.await_text("enlarge the terminal")
        follow(terminal, COLUMNS, ROWS)
        shared.request(Trigger.STOP, session_id)
        terminal.await_text("stopped")
        assert_as_fresh(terminal, shared)
        terminal.keys(b"q")
        terminal.wait_for_end()
        assert terminal.process.returncode == 0


def test_keys_work_while_the_terminal_does_not_read_and_the_screen_then_catches_up(
    shared: Workspace,
) -> None:
    session_id = running(shared, "--name", "stalled")
    with screen_of(shared) as terminal:
        terminal.await_text("running")
        terminal.await_text("loss")
        terminal.keys(b"\r")
        terminal.await_text("1 charts")
        # Each shows another page: far more to draw than the terminal and all queues hold.
        for page in b"21" * 40:
            os.write(terminal.fd, bytes([page]))
            shared.reach_step(session_id, shared.record(session_id).progress.position.step + 5)
        os.write(terminal.fd, b"S")
        log = shared.home.path / "tui.log"
        assert terminal.process.poll() is None, log.read_text() if log.exists() else "no log"
        shared.reach(session_id, SessionState.STOPPED)
        terminal.await_text("stopped")
        assert len(terminal.output) < MAX_CATCH_UP_BYTES, "old frames were not drawn one by one"
        terminal.keys(ESCAPE)
        assert_as_fresh(terminal, shared)
