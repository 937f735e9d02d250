"""`data` on terminals that show pictures: they get them, and are never asked for an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.dataset_files import write_small_dataset
from tests.system.command import COMMAND, environment
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

KITTY, SIXEL, GREY = b"\x1b_Ga=T,f=100,C=1,c=14,r=7,q=2,m=0;", b"\x1bP0;1q", b"\x1b[48;5;"
QUESTION = re.compile(rb"\x1b\[>?[0-9;]*c|\x1b\[[0-9;]*[nt]|\x1b_G[^;]*a=q")
"""Device attributes, reports of status and size, and what kitty's protocol has for asking."""


def shown(folder: Path, **changes: str) -> bytes:
    """Return what `data digits` writes to a terminal."""
    write_small_dataset(folder)
    words = [*COMMAND, "--data-dir", str(folder), "data", "digits"]
    plain = {"TERM": "xterm-256color", "COLORTERM": "", "TMUX": "", "STY": "", "ZELLIJ": ""}
    env = environment(MNIST_TUI_HOME=folder / "home") | plain | changes
    with Terminal(words, env, rows=120) as terminal:
        terminal.wait_for_end()
        terminal.read()
        return terminal.output


@pytest.mark.parametrize(
    ("changes", "begin"),
    [({"TERM": "xterm-kitty"}, KITTY), ({"MNIST_TUI_IMAGES": "sixel"}, SIXEL)],
)
def test_a_terminal_that_shows_pictures_gets_one_for_each_image(
    tmp_path: Path, changes: dict[str, str], begin: bytes
) -> None:
    output = shown(tmp_path, **changes)
    assert output.count(begin) == 36, "the training images"
    assert GREY not in output
    assert not QUESTION.search(output)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-1/default,1,0", "COLORTERM": "truecolor"},
        {"TERM": "xterm-kitty", "MNIST_TUI_IMAGES": "blocks", "COLORTERM": "truecolor"},
        {"TERM": "xterm-kitty", "NO_COLOR": "1"},
        {"TERM": "xterm-kitty", "MNIST_TUI_ASCII": "1"},
        {"TERM": "dumb", "MNIST_TUI_IMAGES": "kitty"},
    ],
)
def test_every_other_terminal_gets_characters(tmp_path: Path, changes: dict[str, str]) -> None:
    output = shown(tmp_path, **changes)
    assert b"VALIDATION" in output
    assert KITTY not in output
    assert SIXEL not in output
    assert (GREY in output) == (changes.get("COLORTERM") == "truecolor" or not changes)


def test_a_protocol_that_there_is_not_is_told(tmp_path: Path) -> None:
    output = shown(tmp_path, MNIST_TUI_IMAGES="jpeg")
    assert b"known are blocks, kitty, sixel" in output
    assert b"Traceback" not in output
