"""Copying by OSC 52, as it leaves the process and as tmux takes it."""

from __future__ import annotations

import base64
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mnist_tui.tui.behaviors.view_actions import MAX_BYTES, copy
from mnist_tui.tui.terminal.frame_driver import passed_through_tmux
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from tests.deadlines import wait_until
from tests.system.command import COMMAND, environment, store
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness import Workspace


def osc_52(text: str) -> bytes:
    return b"\x1b]52;c;" + base64.b64encode(text.encode()) + b"\x07"


def test_y_sends_what_is_chosen_to_the_terminal(workspace: Workspace) -> None:
    store(workspace.home, "first")
    _ = workspace.client  # starts the supervisor
    env = environment(
        MNIST_TUI_HOME=workspace.home.path,
        XDG_CONFIG_HOME="/none",
        TERM="xterm-256color",
        TMUX=None,
    )
    with Terminal(COMMAND, env) as terminal:
        terminal.await_text("first")
        terminal.keys(b"y")
        terminal.await_text("Copied")
    assert osc_52("1") in terminal.output
    assert b"\x1bPtmux" not in terminal.output


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("option", ["set-clipboard on", "allow-passthrough on"])
def test_y_reaches_the_terminal_through_tmux(
    workspace: Workspace, tmp_path: Path, option: str
) -> None:
    store(workspace.home, "first")
    _ = workspace.client  # starts the supervisor
    env = environment(
        MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME="/none", TERM="xterm-256color",
        LC_ALL="C.UTF-8", TMUX=None,
    )  # fmt: skip
    config = tmp_path / "tmux.conf"
    config.write_text(f"set -s set-clipboard off\nset -g {option}\n".replace("-g set-", "-s set-"))
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", str(config)]
    with Terminal([*tmux, "new-session", *COMMAND], env) as terminal:
        try:
            terminal.await_text("first")
            terminal.keys(b"y")
            terminal.await_text("Copied")
            wait_until(
                lambda: terminal.read() is not None and base64.b64encode(b"1") in terminal.output,
                "the outer terminal is asked",
            )
        finally:
            subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)
    assert b"]52;" in terminal.output


def test_tmux_gets_the_sequence_plain_and_wrapped() -> None:
    plain = osc_52("é\n").decode()
    wrapped = "\x1bPtmux;\x1b" + plain + "\x1b\\"
    assert passed_through_tmux(plain) == plain + wrapped


async def test_what_no_terminal_takes_is_not_sent() -> None:
    app = TerminalApp()
    async with app.run_test():
        assert copy(app, "") == "There is nothing to copy here."
        assert "w writes them to a file" in copy(app, "é" * (MAX_BYTES // 2 + 1))
        assert "no terminal" in copy(app, "text")
    assert len(osc_52("x" * MAX_BYTES)) <= 100_000
