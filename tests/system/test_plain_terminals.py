"""Terminals without colours, without Unicode or without a cursor: byte by byte."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.deadlines import patient
from tests.harness import new_workspace
from tests.system.command import COMMAND, SMALL, environment, make, mnist_tui, store
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness import Workspace

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COLORS = {*range(30, 50), 58, *range(90, 108)}
ESCAPE = b"\x1b"
TOUR = (
    b"j", b"k", b" ", b"?", ESCAPE, b"w", ESCAPE, b"\r",
    *(b"%d" % tab for tab in range(1, 9)), b"]", b"?", ESCAPE, ESCAPE,
    b"n", b"\t", b"\t", b"9", ESCAPE, b"D", ESCAPE, b"/", b"p", ESCAPE, b"c", ESCAPE, b"d", ESCAPE,
)  # fmt: skip
"""Keys that bring every screen, tab and box into sight; those that open nothing do no harm."""


@pytest.fixture(scope="module")
def trained(digits_dir: Path) -> Iterator[Workspace]:
    """A box with two sessions whose curves are full; the name of the first is not ASCII."""
    with new_workspace(digits_dir) as made:
        for name in ("père-日本", "second"):
            make(made, *SMALL, "--log-every", 1, "--name", name, "--wait")
        yield made


def screen_of(workspace: Workspace, *words: str, **env: str) -> Terminal:
    settled = {
        "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8",
        "XDG_CONFIG_HOME": "/nonexistent",
    } | env  # fmt: skip
    return Terminal(
        [*COMMAND, "--data-dir", str(workspace.data_dir), *words],
        environment(MNIST_TUI_HOME=workspace.home.path, **settled),
        columns=100,
        rows=30,
    )


def tour(terminal: Terminal) -> Iterator[str]:
    """Go through all screens; yield what is in sight after each key."""
    terminal.await_text("2 finished")
    for key in TOUR:
        terminal.keys(key)
        assert terminal.process.poll() is None, f"the screen ended at {key!r}"
        yield "\n".join(terminal.display())


def colors_in(output: bytes) -> set[int]:
    numbers = {
        int(number)
        for found in SGR.findall(output)
        for number in re.split(rb"[;:]", found)
        if number
    }
    return numbers & COLORS


def test_no_color_means_not_one_colour_code_on_any_screen(trained: Workspace) -> None:
    with screen_of(trained, NO_COLOR="1") as terminal:
        shown = list(tour(terminal))
    assert any("learning rate" in screen for screen in shown), "the form was seen"
    assert any("loss" in screen for screen in shown), "the charts were seen"
    assert SGR.search(terminal.output), "attributes remain"
    assert colors_in(terminal.output) == set()


def test_colours_are_sent_where_nothing_speaks_against_them(trained: Workspace) -> None:
    with screen_of(trained, NO_COLOR="") as terminal:
        terminal.await_text("2 finished")
        assert {38, 48} <= colors_in(terminal.output)


def test_without_colours_the_cursor_is_a_row_in_reverse_with_a_mark(trained: Workspace) -> None:
    with screen_of(trained, NO_COLOR="1") as terminal:
        terminal.await_text("2 finished")
        marked = row_with_mark(terminal)
        terminal.keys(b"j" if marked == min(reversed_rows(terminal)) else b"k")
        terminal.await_screen(lambda _: row_with_mark(terminal) != marked, "the mark has moved")
        assert row_with_mark(terminal) in reversed_rows(terminal)
        assert marked not in reversed_rows(terminal)


def test_without_colours_keys_that_do_not_apply_are_dim(trained: Workspace) -> None:
    with screen_of(trained, NO_COLOR="1") as terminal:
        terminal.await_text("2 finished")
        terminal.await_text("pause")
    assert re.search(rb"\x1b\[(0;)?2m[^\x1b]*pause", terminal.output)
    assert re.search(rb"\x1b\[(0;)?2m[^\x1b]*leave", terminal.output) is None


def row_with_mark(terminal: Terminal) -> int:
    return next(y for y, line in enumerate(terminal.display()) if line.lstrip().startswith("▌"))


def reversed_rows(terminal: Terminal) -> list[int]:
    return [y for y in range(terminal.screen.lines) if terminal.screen.buffer[y][10].reverse]


@pytest.mark.parametrize(
    ("words", "env"),
    [((), {"MNIST_TUI_ASCII": "1"}), (("--ascii",), {}), ((), {"LC_ALL": "C"})],
    ids=["environment", "option", "locale"],
)
def test_ascii_only_means_no_other_byte_on_any_screen(
    trained: Workspace, words: tuple[str, ...], env: dict[str, str]
) -> None:
    with screen_of(trained, *words, **env) as terminal:
        shown = list(tour(terminal))
    assert max(terminal.output) <= 0x7E, sorted(set(terminal.output))[-5:]
    assert any("pere-????" in screen for screen in shown)
    assert any("###" in screen for screen in shown), "bars are drawn"


def test_ascii_keeps_every_column_in_its_place(trained: Workspace) -> None:
    with screen_of(trained) as full, screen_of(trained, "--ascii") as plain:
        for terminal in (full, plain):
            terminal.await_text("2 finished")
        assert len(digits_of(full)) > 20
        assert digits_of(plain) == digits_of(full)


def digits_of(terminal: Terminal) -> list[tuple[int, int, str]]:
    """Return every digit in the table with its row and column."""
    top = next(y for y, line in enumerate(terminal.display()) if "NAME" in line)
    return [
        (y, x, character)
        for y in range(top, top + 3)
        for x in range(terminal.screen.columns)
        if (character := terminal.screen.buffer[y][x].data).isdecimal()
    ]


def test_option_file_and_environment_decide_before_the_locale(trained: Workspace) -> None:
    for words, env, is_plain in (
        (("--no-ascii",), {"LC_ALL": "C", "MNIST_TUI_ASCII": "1"}, False),
        ((), {"LC_ALL": "C", "MNIST_TUI_ASCII": "0"}, False),
        ((), {"LC_ALL": "C"}, True),
        ((), {"LC_ALL": "de_DE.UTF-8"}, False),
    ):
        done = subprocess.run(
            [*COMMAND, *words, "show", "1"],
            env=environment(MNIST_TUI_HOME=trained.home.path, XDG_CONFIG_HOME="/none", **env),
            capture_output=True, check=True, timeout=patient(60),
        )  # fmt: skip
        assert done.stdout.isascii() == is_plain, (words, env)


def test_ascii_in_the_settings_file_holds_for_every_command(
    trained: Workspace, tmp_path: Path
) -> None:
    settings = tmp_path / "mnist-tui" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("ascii = true\n")
    env = {"XDG_CONFIG_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    for words in (("ls",), ("show", 1), ("--help",), ("resume", "…")):
        done = mnist_tui(trained.home, *words, env=env)
        assert (done.stdout + done.stderr).isascii(), words
        assert "Traceback" not in done.stderr
    settings.write_text('ascii = "yes"\n')
    done = mnist_tui(trained.home, "new", env=env)
    assert (done.returncode, "ascii must be true or false" in done.stderr) == (1, True)


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_move_its_cursor_gets_the_plain_list(
    workspace: Workspace, term: str
) -> None:
    store(workspace.home, "first", "second")
    with screen_of(workspace, TERM=term) as terminal:
        terminal.wait_for_end()
    assert terminal.process.returncode == 0
    assert ESCAPE not in terminal.output
    assert b"second" in terminal.output
    assert b"`mnist-tui watch ID`" in terminal.output


def test_without_a_terminal_the_list_is_printed_and_no_supervisor_started(
    workspace: Workspace,
) -> None:
    store(workspace.home, "first", "second")
    done = mnist_tui(workspace.home)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["NAME", "first", "second"]
    assert "`mnist-tui watch ID`" in done.stderr
    assert not workspace.home.socket.exists()


def test_an_unknown_theme_is_one_sentence(workspace: Workspace) -> None:
    config = workspace.home.path / "config" / "mnist-tui"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text('theme = "sepia"')
    with screen_of(workspace, XDG_CONFIG_HOME=str(config.parent)) as terminal:
        terminal.wait_for_end()
    assert terminal.process.returncode == 2
    assert b"choose one of dark, light, colour-blind, monochrome" in terminal.output
    assert terminal.output.count(b"\n") == 1
    # As an option it is wrong also where nothing is drawn.
    done = mnist_tui(workspace.home, "--theme", "sepia")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'sepia' is not one of" in done.stderr
    assert done.stderr.count("\n") == 1
