"""Careless and hostile input: one sentence that says what to do, and nothing half made."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionState as S
from tests.deadlines import patient
from tests.harness import Workspace
from tests.system.command import COMMAND, TIMEOUT_S, environment, json_of, mnist_tui, store

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPING_ERRORS: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("--model", "resnet"), 1, "choose one of cnn,"),
    (("--dataset", "imagenet"), 1, "choose one of digits, mnist"),
    (("--colour", "red"), 2, "mnist-tui new --help"),
    (("--learnig-rate", "0.1"), 2, "--learning-rate"),
    (("--lr", "0.1"), 2, "No such option '--lr', did you mean one of: '--filters'"),
    (("--set", "colour=red"), 1, "unknown parameter; known are dataset,"),
    (("--set", "epochs"), 2, "--set epochs=3"),
    (("--epochs", "many"), 1, "needs a whole number, not 'many'"),
    (("--epochs", "1.5"), 1, "needs a whole number, not '1.5'"),
    (("--epochs", "0"), 1, "must be at least 1, not 0"),
    (("--learning-rate", "fast"), 1, "needs a number, not 'fast'"),
    (("--learning-rate", "0"), 1, "must be greater than 0.0, not 0"),
    (("--learning-rate", "-1"), 1, "must be greater than 0.0, not -1"),
    (("--learning-rate", "nan"), 1, "needs a finite number, not 'nan'"),
    (("--learning-rate", "inf"), 1, "needs a finite number, not 'inf'"),
    (("--batch-size", "1e3"), 1, "needs a whole number, not '1e3'"),
    (("--filters", "32;64"), 1, "needs whole numbers as 32-64"),
    (("--model", "lenet", "--dropout", "0.5"), 1, "does not apply to lenet"),
    (("--device", "tpu"), 1, "use auto, cpu, cuda, cuda:N or mps"),
    (("--name", "../../etc/passwd"), 1, "begin with a letter or digit"),
    (("--name", "a/b"), 1, "leave out slashes"),
    (("--name", "red\033[31m"), 1, "control or invisible character at position 4"),
    (("--name", "[bold]loud[/bold]"), 1, "leave out slashes"),
    (("--name", "right\u202eleft"), 1, "control or invisible character at position 6"),
    (("--name", "12"), 1, "add a letter"),
    (("--name", " "), 1, "give at least one letter"),
    (("--name", "-rf"), 1, "begin with a letter or digit"),
    (("--name", "x" * 10_000), 1, "use 64 or fewer"),
    (("--tag", "a\nb"), 1, "control or invisible character at position 2"),
    (("--name", "lone \udcff surrogate"), 2, "UTF-8"),
)


@pytest.fixture
def unused_home() -> Iterator[Home]:
    """A home that does not exist and must not come to be."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    home = Home(folder / "home")
    yield home
    made = sorted(folder.rglob("*"))
    if made:
        Workspace(home, folder).shut_down()
    shutil.rmtree(folder)
    assert made == []


def assert_refused(
    done: subprocess.CompletedProcess[str], code: int, *words: str, lines: int = 1
) -> None:
    """The command said so in one sentence, printed no data and no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == lines, done.stderr
    assert done.stderr.endswith(".\n")
    assert done.stderr.replace("\n", "").isprintable()
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(("words", "code", "advice"), TYPING_ERRORS)
def test_a_new_session_with_a_slip_is_refused_before_anything_is_made(
    unused_home: Home, words: tuple[str, ...], code: int, advice: str
) -> None:
    assert_refused(mnist_tui(unused_home, "new", *words), code, advice)


def test_all_problems_are_told_at_once_a_line_each(unused_home: Home) -> None:
    done = mnist_tui(
        unused_home, "new", "--model", "x", "--epochs", "y", "--learning-rate", 0, "--name", "a/b"
    )
    assert_refused(done, 1, "model: ", "epochs: ", "learning_rate: ", "The name", lines=4)


@pytest.mark.parametrize("command", ["show", "pause", "stop", "kill", "wait", "logs", "rm"])
def test_an_unknown_session_is_named_and_no_supervisor_starts(
    unused_home: Home, command: str
) -> None:
    assert_refused(mnist_tui(unused_home, command, 99), 1, "no session #99", "`mnist-tui ls`")


def test_a_name_of_several_sessions_asks_for_an_id(workspace: Workspace) -> None:
    store(workspace.home, "twin", "twin")
    assert_refused(mnist_tui(workspace.home, "show", "twin"), 1, "#1, #2", "give an ID")


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("nonsense",), "mnist-tui --help"),
        (("pause",), "--all"),
        (("wait",), "mnist-tui wait --help"),
        (("wait", "1", "--timeout", "-1"), "--timeout"),
        (("ls", "--colour"), "mnist-tui ls --help"),
        (("--slots", "0", "ls"), "1<=x<=256"),
        (("--refresh", "soon", "ls"), "'soon'"),
        (("supervisor", "dance"), "mnist-tui supervisor --help"),
    ],
)
def test_wrong_usage_points_to_the_help(
    unused_home: Home, words: tuple[str, ...], advice: str
) -> None:
    assert_refused(mnist_tui(unused_home, *words), 2, advice)


def test_an_unknown_state_is_told_with_those_there_are(unused_home: Home) -> None:
    assert_refused(mnist_tui(unused_home, "ls", "state:asleep"), 1, "queued, starting, running")


def test_a_session_in_the_wrong_state_is_left_as_it_is(workspace: Workspace) -> None:
    store(workspace.home, "done")
    store(workspace.home, "halted", state=S.STOPPED)
    before = json_of(workspace.home, "ls")
    for command, session_id, advice in (
        ("resume", 1, "make a new session"),
        ("pause", 1, "finished"),
        ("kill", 2, "stopped"),
        ("hold", 2, "only a queued session"),
    ):
        done = mnist_tui(workspace.home, command, session_id)
        assert_refused(done, 1, f"Session #{session_id} cannot be", advice)
    assert json_of(workspace.home, "ls") == before


def test_settings_that_cannot_be_used_name_file_and_key(unused_home: Home, tmp_path: Path) -> None:
    settings = tmp_path / "mnist-tui" / "settings.toml"
    settings.parent.mkdir()
    for text, advice in (
        ("slots = 0\n", "slots must be between 1 and 256"),
        ('slots = "two"\n', "slots must be a number"),
        ("colour = 1\n", "unknown key 'colour'"),
        ("slots = \n", "correct it or remove it"),
    ):
        settings.write_text(text)
        done = mnist_tui(unused_home, "new", env={"XDG_CONFIG_HOME": str(tmp_path)})
        assert_refused(done, 1, advice, str(settings))


def test_a_batch_larger_than_the_data_is_refused_with_the_size_there_is(shared: Workspace) -> None:
    done = mnist_tui(shared.home, "--data-dir", shared.data_dir, "new", "--batch-size", 5_000)
    assert_refused(done, 1, "batch_size: larger than the data", "or less")
    assert json_of(shared.home, "ls") == []


def test_a_missing_dataset_without_a_network_leaves_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    nowhere = ("--mirror", "http://127.0.0.1:9/", "--data-dir", tmp_path)
    done = mnist_tui(workspace.home, *nowhere, "new", "--dataset", "mnist")
    assert_refused(done, 1, "mnist", "http://127.0.0.1:9/")
    assert json_of(workspace.home, "ls") == []
    assert not list(tmp_path.rglob("*ubyte*"))


def test_a_damaged_dataset_file_is_named(shared: Workspace, tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (raw / f"{name}-ubyte").write_bytes(b"\0\0\x08\x03 not what it should be")
    done = mnist_tui(shared.home, "--data-dir", tmp_path, "new", "--dataset", "mnist")
    assert_refused(done, 1, "train-images-idx3-ubyte", "damaged")
    assert json_of(shared.home, "ls") == []


def test_a_data_folder_that_cannot_be_written_is_named(shared: Workspace, tmp_path: Path) -> None:
    # A file where the folder should be stops root as well.
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = mnist_tui(shared.home, "--data-dir", blocked, "new", "--dataset", "digits")
    assert_refused(done, 1, str(blocked))
    assert json_of(shared.home, "ls") == []
    assert blocked.read_text() == ""


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    blocked = Home(tmp_path / "file")
    blocked.path.write_text("")
    for words in (("ls",), ("new",), ("supervisor", "start")):
        assert_refused(mnist_tui(blocked, *words), 1, str(blocked.path), "--home DIR")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_the_home_of_another_user_is_refused(tmp_path: Path) -> None:
    theirs = Home(tmp_path / "theirs")
    theirs.path.mkdir(mode=0o777)
    os.chown(theirs.path, 65_534, 65_534)
    for words in (("ls",), ("new",), ("supervisor", "start"), ("pause", "--all")):
        assert_refused(mnist_tui(theirs, *words), 1, "belongs to another user", "--home DIR")
    assert list(theirs.path.iterdir()) == []


def test_text_that_is_no_utf_8_is_refused(unused_home: Home) -> None:
    done = subprocess.run(
        [*map(os.fsencode, COMMAND), b"--home", b"/tmp/\xff\xfe", b"ls"],
        env=environment(MNIST_TUI_HOME=unused_home.path),
        capture_output=True,
        text=True,
        timeout=patient(TIMEOUT_S),
        check=False,
    )
    assert_refused(done, 2, "UTF-8")
