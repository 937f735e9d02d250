"""First minutes of a new user, from the empty screen on, with keys alone."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.deadlines import wait_until
from tests.system.command import COMMAND, environment
from tests.system.sshd import remote_line, ssh_server
from tests.system.terminal import Terminal
from tests.system.test_plain_terminals import colors_in
from tests.system.traveller import CTRL_R, ENTER, ESCAPE, Traveller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.harness import Workspace
    from tests.system.sshd import SshServer

SIZES = [(80, 24), (120, 40), (200, 60)]
SMALL = {"filters": "4", "dense_units": "16", "epochs": "5000", "threads": "1"}
"""A network of 2,000 weights on digits: some epochs a second, and it goes on for long enough."""
CALM, HOT, MILD = 1, 2, 3
"""The sessions: with a good learning rate, with one far too high, and what is made of that."""
PAGES = {
    "2": ("conv1", "Conv2d"),
    "3": ("learning_rate", "0.01"),
    "4": ("REASON", "best"),
    "5": ("train loss", "accuracy"),
    "6": ("REQUESTED", "running", "new"),
}
"""What a session's pages are seen to hold, by their number."""
VALIDATION = re.compile(r"validation accuracy %\s+([\d.]+)\*?\s+([\d.]+)\*?\s+([+-][\d.]+)")
"""The row of a comparison: the baseline's value, the other's, and the difference."""
LEARNT, GUESSED = 50.0, 25.0
"""Accuracies in per cent above and below which a session has learnt or only guesses."""


@contextmanager
def opened(
    workspace: Workspace, columns: int, rows: int, *words: object, **env: str | Path
) -> Iterator[Traveller]:
    """Open the screen as a person does, at a terminal of a size."""
    settled = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    variables = environment(
        MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME="/nonexistent", **settled | env
    )
    command = [*COMMAND, "--data-dir", workspace.data_dir, *words]
    with Terminal(list(map(str, command)), variables, columns=columns, rows=rows) as terminal:
        yield Traveller(terminal)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_new_user_trains_compares_improves_and_finds_everything_again(
    workspace: Workspace, columns: int, rows: int
) -> None:
    with opened(workspace, columns, rows) as user:
        begins(user)
        makes_two_and_watches(user)
        walks_the_pages(user)
        compares(user)
        replaces_the_bad_one(user)
        names_and_finds(user)
        told = leaves_with_another_view(user)
    assert "2 sessions keep running; `mnist-tui` shows them again." in told
    with opened(workspace, columns, rows) as user:
        finds_everything_as_it_was(user)


def begins(user: Traveller) -> None:
    """The empty screen says how to begin."""
    user.await_sight("no sessions", "No sessions yet in", "n make one", "? every key", "q leave")


def makes_two_and_watches(user: Traveller) -> None:
    """Two sessions from the form train at the same time, the newest on top."""
    user.make(name="calm", learning_rate="0.01", **SMALL)
    user.await_training(CALM)
    user.await_moving_chart()
    user.make(name="hot", learning_rate="0.5", **SMALL)
    user.await_training(HOT)
    user.await_training(CALM)
    user.await_sight("2 running", "#2 hot cnn on digits, adam 0.5")
    user.await_moving_chart()
    assert user.listed() == [HOT, CALM]


def walks_the_pages(user: Traveller) -> None:
    """Every page of a session has what its name promises."""
    user.go_to(CALM)
    user.press(ENTER)
    user.await_sight("#1 calm", "running", "1 charts 2 model", "ETA", "q back")
    user.await_moving_chart()
    for number, texts in PAGES.items():
        user.press(number)
        user.await_sight("#1 calm", *texts)
    user.press("q")
    user.await_row(CALM, "calm", "running")


def compares(user: Traveller) -> None:
    """Side by side one reads what differs, which is worse, and by how much."""
    user.press("g", " ", " ")
    user.await_sight("2 marked")
    user.press("c")
    user.await_sight("Compare 2 sessions 1 parameter differs baseline #1")
    user.await_sight("● #1 calm", "○ #2 hot")
    user.terminal.await_screen(is_told_apart, "the figures tell good from bad")
    user.await_sight("#2 differs in learning_rate (0.5 against 0.01): validation accuracy")
    user.await_sight("points lower", "near the 10 % of guessing")
    assert any(
        re.search(r"learning rate +0\.01 +0\.5", line) for line in user.terminal.display()
    ), "the values stand in one line"
    user.press("q")
    user.await_sight("2 marked", "2 running")
    user.press(ESCAPE)
    user.await_no_sight("2 marked")


def is_told_apart(shown: str) -> bool:
    """Return whether the accuracies differ as they must, and the difference is theirs."""
    found = VALIDATION.search(shown)
    if found is None:
        return False
    good, bad, difference = map(float, found.groups())
    assert difference == pytest.approx(bad - good, abs=0.02)
    return good > LEARNT and bad < GUESSED


def replaces_the_bad_one(user: Traveller) -> None:
    """The bad one stops at once; a clone of it with another learning rate takes its place."""
    user.go_to(HOT)
    user.press("S")
    user.await_row(HOT, "hot", "■ stopped")
    user.await_sight("1 running", "1 stopped", "p resume")
    user.press("C")
    user.await_sight("New session clone of #2 hot", "weights, checkpoint", "Step size")
    user.fill_in(learning_rate="0.02")
    user.await_sight("was 0.5")
    user.press(CTRL_R)
    user.await_sight("#3 hot-copy is starting.")
    user.await_training(MILD)
    user.await_sight("#3 hot-copy cnn on digits, adam 0.02")
    user.await_moving_chart()


def names_and_finds(user: Traveller) -> None:
    """A name and a tag show at once and can be filtered for."""
    user.answer("r", "name of #3:", "mild")
    user.await_row(MILD, "mild", "running")
    user.answer("t", "tags of #3:", "keep")
    user.await_sight("+keep")
    user.answer("/", "/", "tag:keep")
    user.await_sight("/tag:keep: 1")
    assert user.listed() == [MILD]
    user.press(ESCAPE)
    user.await_row(HOT, "hot", "stopped")
    assert user.listed() == [MILD, HOT, CALM]


def leaves_with_another_view(user: Traveller) -> str:
    """The order and the charts' axis are as the user likes them; return the words of farewell."""
    user.press("O", "x")
    user.await_sight("#▴", "batches")
    user.await_row(CALM, "running")
    assert user.listed() == [CALM, HOT, MILD]
    return user.leave()


def finds_everything_as_it_was(user: Traveller) -> None:
    """Names, states, tags and the view are those of before; training has gone on."""
    user.await_sight("2 running", "1 stopped")
    assert user.listed() == [CALM, HOT, MILD]
    user.await_row(HOT, "hot", "■ stopped")
    user.await_row(CALM, "calm", "running")
    user.go_to(MILD)
    user.await_row(MILD, "mild", "running")
    user.await_sight("#▴", "batches", "+keep")
    user.await_training(MILD)
    user.await_moving_chart()
    assert "2 sessions keep running" in user.leave()


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


@contextmanager
def logged_in(server: SshServer, workspace: Workspace) -> Iterator[Traveller]:
    """Open the screen through ssh."""
    remote = remote_line(
        "--data-dir", workspace.data_dir, MNIST_TUI_HOME=workspace.home.path,
        XDG_CONFIG_HOME="/nonexistent", LC_ALL="C.UTF-8",
    )  # fmt: skip
    client = server.command("-tt", remote=remote)
    with Terminal(client, environment(TERM="xterm-256color")) as terminal:
        yield Traveller(terminal)


def test_a_remote_training_goes_on_without_its_connection_and_is_found_again(
    server: SshServer, workspace: Workspace
) -> None:
    with logged_in(server, workspace) as user:
        begins(user)
        user.make(name="overnight", learning_rate="0.01", **SMALL)
        user.await_training(CALM)
        user.await_moving_chart()
        seen = user.epoch(CALM)
        user.terminal.process.kill()
    wait_until(lambda: not server.session_processes(), "the connection is gone")
    step = workspace.record(CALM).progress.position.step
    workspace.reach_step(CALM, step + 50)
    with logged_in(server, workspace) as user:
        user.await_row(CALM, "overnight", "running")
        user.await_epoch(CALM, seen)
        user.await_moving_chart()
        user.press(ENTER, "6")
        user.await_sight("#1 overnight", "REQUESTED", "starting", "new")
        assert not user.sees("paused")
        user.press("q")
        user.await_training(CALM)
        assert "1 session keeps running" in user.leave()


@pytest.mark.parametrize(
    ("words", "env"), [((), {"NO_COLOR": "1"}), (("--ascii",), {})], ids=["no-color", "ascii"]
)
def test_the_essential_path_works_on_a_plain_terminal(
    workspace: Workspace, words: tuple[str, ...], env: dict[str, str]
) -> None:
    with opened(workspace, 80, 24, *words, **env) as user:
        begins(user)
        user.make(name="plain", learning_rate="0.01", **SMALL)
        user.await_training(CALM)
        user.await_moving_chart()
        user.press("p")
        user.await_row(CALM, "plain", "paused")
        user.await_sight("1 paused", "p resume")
        user.press("p")
        user.await_row(CALM, "plain", "running")
        user.await_training(CALM)
        user.press("S")
        user.await_row(CALM, "plain", "stopped")
        user.await_sight("1 stopped", "p resume")
        user.leave()
    output = user.terminal.output
    assert colors_in(output) == set() if env else output.isascii()
