"""The form in a real terminal: seen, filled and started with keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.command import COMMAND, environment
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from tests.harness import Workspace

DOWN, RIGHT, ESCAPE, F2, CTRL_R = b"\x1b[B", b"\x1b[C", b"\x1b", b"\x1bOQ", b"\x12"
SIZES = [(80, 24), (120, 40), (200, 60)]
DOWNS_TO_LEARNING_RATE = 19


def screen_of(workspace: Workspace, columns: int, rows: int) -> Terminal:
    env = environment(
        MNIST_TUI_HOME=workspace.home.path,
        MNIST_TUI_DATA=workspace.data_dir,
        XDG_CONFIG_HOME="/nonexistent",
        TERM="xterm-256color",
    )
    return Terminal(COMMAND, env, columns=columns, rows=rows)


def letters(text: str) -> list[bytes]:
    return [letter.encode() for letter in text]


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_two_sessions_are_made_from_a_preset_with_keys_alone(
    workspace: Workspace, columns: int, rows: int
) -> None:
    with screen_of(workspace, columns, rows) as terminal:
        terminal.await_text("No sessions yet")
        terminal.keys(b"n")
        terminal.await_text("cnn: 225,034 weights, checkpoint 2.7 MB")
        terminal.keys(RIGHT)
        terminal.await_text("lenet: 44,426 weights")
        terminal.keys(RIGHT, *[b"\x1b[D"] * 2)
        terminal.await_text("cnn: 225,034 weights")
        terminal.keys(*[DOWN] * DOWNS_TO_LEARNING_RATE)
        terminal.await_text("learning rate  more than 0 to 100;")
        terminal.keys(*letters("0.1,0.01,"))
        terminal.await_text("✗ a value is missing beside")
        terminal.keys(b"\x7f")
        terminal.await_text("New session  2 sessions")
        terminal.await_text("first of 2; all of them: time not known yet")
        assert any("learning rate" in line and "2 values" in line for line in terminal.display())
        terminal.keys(CTRL_R)
        terminal.await_text("cnn-digits lr=0.01")
        terminal.await_text("n new")
    names = [record.name for record in workspace.records()]
    assert names == ["cnn-digits lr=0.1", "cnn-digits lr=0.01"]


def test_a_form_that_is_left_is_found_again_as_it_was(workspace: Workspace) -> None:
    with screen_of(workspace, 80, 24) as terminal:
        terminal.await_text("No sessions yet")
        terminal.keys(b"n")
        terminal.await_text("New session")
        terminal.keys(DOWN, *letters("[/bad]"))
        terminal.await_text("✗ the name has '[' at position 1")
        terminal.keys(ESCAPE)
        terminal.await_text("No sessions yet")
        terminal.keys(b"n")
        terminal.await_text("✗ the name has '[' at position 1")
        terminal.keys(F2)
        terminal.await_text("Left and right choose")
    assert workspace.records() == []
