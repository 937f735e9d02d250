"""Redraws of a picture that another program has overwritten."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.deadlines import wait_until
from tests.system.command import COMMAND, environment, store
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.harness import Workspace

SHOWN = ("mnist-tui", "first-one", "second-one", "loss", "accuracy", "q leave")


@pytest.fixture
def terminal(workspace: Workspace, tmp_path: Path) -> Iterator[Terminal]:
    """The screen over two stored sessions, drawn in full."""
    store(workspace.home, "first-one", "second-one")
    command = [*COMMAND, "--data-dir", str(workspace.data_dir)]
    env = environment(
        MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME=tmp_path, XDG_STATE_HOME=tmp_path,
        TERM="xterm-256color",
    )  # fmt: skip
    with Terminal(command, env, columns=110, rows=36) as opened:
        opened.await_screen(is_whole, "everything is in sight")
        yield opened


def is_whole(shown: str) -> bool:
    return all(text in shown for text in SHOWN)


def press_redraw(terminal: Terminal) -> None:
    os.write(terminal.fd, b"\x0c")


def tell_of_a_new_size(terminal: Terminal) -> None:
    os.kill(terminal.process.pid, signal.SIGWINCH)


def suspend_and_go_on(terminal: Terminal) -> None:
    process = psutil.Process(terminal.process.pid)
    process.send_signal(signal.SIGTSTP)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED, "it is suspended")
    terminal.read()
    terminal.screen.reset()
    process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("ask", [press_redraw, tell_of_a_new_size, suspend_and_go_on])
def test_a_wiped_picture_comes_back_whole(
    terminal: Terminal, ask: Callable[[Terminal], None]
) -> None:
    terminal.read(0.5)
    before = terminal.display()
    terminal.screen.reset()
    ask(terminal)
    terminal.await_screen(is_whole, "everything is in sight again")
    wait_until(lambda: terminal.display() == before, "it is the same picture")
