"""The screen in a real terminal: it goes when the terminal goes and sends nothing it should not."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.storage.registry.registry import Registry
from tests.deadlines import patient, wait_until
from tests.system.command import environment
from tests.tui.samples import HOSTILE_TEXTS, MARKUP_TEXTS, make_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

EXITED = os.WEXITED | os.WNOHANG | os.WNOWAIT
"""Whether a process has ended, without taking note of it."""
OPEN = """
import sys
from pathlib import Path
from mnist_tui.storage.home import Home
from mnist_tui.tui.app.app import open_ui
print("said:", open_ui(Home(Path(sys.argv[1])), Path(sys.argv[2]), 0.2).sentence)
"""


class Terminal:
    """A pseudo terminal with the screen in it."""

    def __init__(self, workspace: Workspace, *, is_hang_up_ignored: bool = False) -> None:
        self.fd, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

        def enter() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if is_hang_up_ignored:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)

        self.process = subprocess.Popen(
            [sys.executable, "-c", OPEN, str(workspace.home.path), str(workspace.data_dir)],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=enter,
            env=environment(TERM="xterm-256color", COLORTERM=""),
        )
        os.close(inner)
        self.output = b""

    def read(self, wait_s: float = 0.05) -> bytes:
        """Return what came since the last reading."""
        new = b""
        with contextlib.suppress(OSError):  # the other end was closed
            while select.select([self.fd], [], [], wait_s)[0] and (
                chunk := os.read(self.fd, 65536)
            ):
                new += chunk
        self.output += new
        return new

    def await_text(self, text: str) -> None:
        """Wait until `text` was written."""
        wait_until(
            lambda: self.read() is not None and text.encode() in self.output, f"{text!r} is written"
        )

    def wait_for_end(self, timeout_s: float) -> float:
        """Wait until the process has ended; return the CPU seconds it used in its life."""
        pid = self.process.pid
        wait_until(lambda: os.waitid(os.P_PID, pid, EXITED), "the screen ends", timeout_s)
        _, status, usage = os.wait4(pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def close(self) -> None:
        """Let the terminal go away."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def end(self) -> None:
        """Leave nothing behind."""
        self.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """The terminals a test opened, ended with it."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.end()


@pytest.mark.timing
@pytest.mark.parametrize("is_hang_up_ignored", [False, True])
def test_the_screen_ends_when_its_terminal_closes(
    workspace: Workspace, terminals: list[Terminal], is_hang_up_ignored: bool
) -> None:
    session_id = workspace.create()
    workspace.reach(session_id, SessionState.RUNNING)
    terminal = Terminal(workspace, is_hang_up_ignored=is_hang_up_ignored)
    terminals.append(terminal)
    terminal.await_text("running")
    usage = psutil.Process(terminal.process.pid).cpu_times()
    used_s = usage.user + usage.system
    closed_at = time.monotonic()
    terminal.close()
    end_used_s = terminal.wait_for_end(timeout_s=5)
    assert time.monotonic() - closed_at < patient(2)
    assert end_used_s - used_s < patient(0.5)
    before = workspace.record(session_id).progress.position.step
    wait_until(
        lambda: workspace.record(session_id).progress.position.step > before, "training goes on"
    )


def test_q_gives_the_terminal_back_and_says_what_goes_on(
    workspace: Workspace, terminals: list[Terminal]
) -> None:
    workspace.reach(workspace.create(), SessionState.RUNNING)
    terminal = Terminal(workspace)
    terminals.append(terminal)
    terminal.await_text("running")
    os.write(terminal.fd, b"q")
    terminal.await_text("said: 1 session keeps running; `mnist-tui` shows it again.")
    assert b"\x1b[?1049l" in terminal.output
    wait_until(lambda: terminal.read() is not None and terminal.process.poll() == 0, "it ends well")


def test_hostile_labels_on_disk_reach_no_terminal(
    workspace: Workspace, terminals: list[Terminal]
) -> None:
    workspace.home.prepare()
    registry = Registry.open(workspace.home)
    for place, text in enumerate([*MARKUP_TEXTS, *HOSTILE_TEXTS[:8]], start=1):
        name = f"n{place} {text}"
        registry.put(make_record(place, SessionState.FAILED, name=name, cause=f"c{place} {text}"))
    registry.close()
    terminal = Terminal(workspace)
    terminals.append(terminal)
    terminal.await_text("c1 [/bad]")
    for key in b"jjjjjjjjjjj":
        os.write(terminal.fd, bytes([key]))
        terminal.read()
    os.write(terminal.fd, b"k\r")
    terminal.await_text("4 saves")
    output = terminal.output.replace(b"\x1b]22;default\x07", b"")  # Textual's own: mouse pointer
    for sequence in (b"\x1b]", b"\x1b[2J\x1b[1;1H", "\x9b31m".encode(), "\u202e".encode(), b"\x07"):
        assert sequence not in output
    assert "\ufffd".encode() in terminal.output


def test_nothing_is_sent_while_nothing_changes_and_torch_is_never_loaded(
    workspace: Workspace, terminals: list[Terminal]
) -> None:
    workspace.home.prepare()
    registry = Registry.open(workspace.home)
    for session_id in range(1, 30):
        registry.put(make_record(session_id, SessionState.FINISHED, step=100))
    registry.close()
    terminal = Terminal(workspace)
    terminals.append(terminal)
    terminal.await_text("29 finished")
    terminal.await_text("accuracy")
    wait_until(lambda: not terminal.read(1.0), "the screen comes to rest")
    assert terminal.read(2.0) == b""
    loaded = {mapped.path for mapped in psutil.Process(terminal.process.pid).memory_maps()}
    assert not [path for path in loaded if "torch" in path]
