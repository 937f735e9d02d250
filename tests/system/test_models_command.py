"""`models` tells what can be trained, and starts and loads nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.parameters.catalog import MODELS
from tests.system.command import COMMAND, environment, mnist_tui
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from tests.harness import Workspace


def test_it_starts_no_supervisor_and_makes_no_home(workspace: Workspace) -> None:
    assert mnist_tui(workspace.home, "models").returncode == 0
    assert not workspace.processes()


def test_on_a_narrow_terminal_no_line_is_too_long(workspace: Workspace) -> None:
    env = environment(MNIST_TUI_HOME=workspace.home.path, TERM="xterm-256color", LC_ALL="C.UTF-8")
    with Terminal([*COMMAND, "models"], env, rows=100) as terminal:
        terminal.await_text("reconstruction")
        lines = terminal.display()
    assert lines[0].split() == ["MODEL", "WEIGHTS", "OPTIONS,", "SOURCE"]
    (first,) = [number for number, line in enumerate(lines) if line.startswith("densenet121")]
    _, weights, *words = " ".join(lines[first : first + 3]).split()
    assert weights == "8,013,706"
    assert " ".join(words) == f"dense_units 1024, pretrained true; {MODELS['densenet121'].source}"
