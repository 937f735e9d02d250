"""Images and matrix of a trained session in a terminal: with colours, without, and in ASCII."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.harness import new_workspace
from tests.system.command import COMMAND, SMALL, environment, make
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness import Workspace

COLOR = re.compile(rb"\x1b\[[0-9;:]*\b(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])[;m]")
GREY = re.compile(rb"48;2;(\d+);\1;\1m")


@pytest.fixture(scope="module")
def trained(digits_dir: Path) -> Iterator[Workspace]:
    """A box with a session that was trained for an epoch and scored at its end."""
    with new_workspace(digits_dir) as made:
        make(made, *SMALL, "--wait")
        yield made


def opened(workspace: Workspace, page: bytes, **env: str) -> Terminal:
    settled = {
        "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8",
        "XDG_CONFIG_HOME": "/nonexistent", "MNIST_TUI_HOME": str(workspace.home.path),
    }  # fmt: skip
    terminal = Terminal(
        [*COMMAND, "--data-dir", str(workspace.data_dir)],
        environment(**(settled | env)),
        columns=80,
        rows=24,
    )
    terminal.await_text("1 finished")
    terminal.keys(b"\r")
    terminal.await_text("1 charts")
    terminal.keys(page)
    terminal.await_text("right")
    return terminal


def test_images_of_a_trained_session_are_grey_half_blocks(trained: Workspace) -> None:
    with opened(trained, b"7") as terminal:
        terminal.await_text("image #")
        terminal.await_screen(lambda _: "▀▀" in "\n".join(terminal.display()), "half blocks")
        assert len(set(GREY.findall(terminal.output))) > 5


def test_without_colours_images_are_shades_and_the_chosen_cell_is_framed(
    trained: Workspace,
) -> None:
    with opened(trained, b"7", NO_COLOR="1") as terminal:
        terminal.await_text("image #")
        shown = "\n".join(terminal.display())
        assert set("█▒▓") <= set(shown)
        terminal.keys(b"8")
        terminal.await_text("predicted")
        terminal.await_screen(lambda _: "▐" in "\n".join(terminal.display()), "a framed cell")
        assert COLOR.search(terminal.output) is None


def test_in_ascii_images_are_letters_and_every_number_keeps_its_place(trained: Workspace) -> None:
    with opened(trained, b"7", MNIST_TUI_ASCII="1") as terminal:
        terminal.await_text("image #")
        assert "@" in "\n".join(terminal.display())
        terminal.keys(b"8")
        terminal.await_text("predicted")
        matrix = "\n".join(terminal.display())
        assert max(terminal.output) <= 0x7E
    with opened(trained, b"8") as terminal:
        terminal.await_text("predicted")
        assert re.findall(r"\d+", "\n".join(terminal.display())) == re.findall(r"\d+", matrix)
