"""`data` shows what is here and fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.dataset_files import write_small_dataset
from tests.system.command import COMMAND, environment, json_of, mnist_tui, output_of
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder with small digits and nothing else; it is the same in the end."""
    folder = tmp_path / "data"
    write_small_dataset(folder)
    before = sorted(folder.rglob("*"))
    yield folder
    assert sorted(folder.rglob("*")) == before


def refused(home: Home, data_dir: Path, *words: object) -> CompletedProcess[str]:
    done = mnist_tui(home, "--data-dir", data_dir, "data", *words)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    return done


def test_all_datasets_are_told_with_their_sizes_where_they_are_here(
    home: Home, data_dir: Path
) -> None:
    done = mnist_tui(home, "--data-dir", data_dir, "data")
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert rows["digits"][:7] == ["digits", "40", "20", "10", "yes", "47.1", "kB"]
    assert rows["emnist-letters"][:6] == ["emnist-letters", "–", "–", "26", "no", "–"]
    assert "`mnist-tui new --dataset mnist` downloads it first" in done.stderr
    told = {row["name"]: row for row in json_of(home, "--data-dir", data_dir, "data")}
    assert (told["digits"]["num_train"], told["digits"]["is_here"]) == (40, True)
    assert (told["mnist"]["num_train"], told["mnist"]["is_here"]) == (None, False)


def test_a_damaged_dataset_is_told_and_the_others_too(home: Home, data_dir: Path) -> None:
    path = next(data_dir.rglob("t10k-labels*"))
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    done = mnist_tui(home, "--data-dir", data_dir, "data")
    assert done.returncode == 0
    assert "damaged" in next(line for line in done.stdout.splitlines() if "digits" in line)
    assert "it has 27 bytes, not 28" in done.stderr
    assert "kmnist" in done.stdout


def test_a_pipe_gets_numbers_and_no_pictures(home: Home, data_dir: Path) -> None:
    lines = output_of(
        home, "--data-dir", data_dir, "data", "digits", "--subset", 20, "--validation", 5
    ).splitlines()
    assert "split standard, subset 20" in lines[1]
    assert "train           15  11,760  0.01            0.04" in lines
    assert lines[-10:][0].split() == ["0", "2", "0", "2"]
    assert not any(character in line for line in lines for character in "█▀\x1b")


def test_json_has_the_same_in_numbers(home: Home, data_dir: Path) -> None:
    told = json_of(
        home, "--data-dir", data_dir, "data", "digits", "--split", "pooled", "--subset", 50
    )
    assert (told["split"], told["subset"], told["validation"]) == ("pooled", 50, None)
    sizes = {name: split["num_images"] for name, split in told["splits"].items()}
    assert sizes == {"train": 30, "validation": 10, "test": 10}
    counts = [split["class_counts"] for split in told["splits"].values()]
    assert [sum(each) for each in zip(*counts, strict=True)] == [5] * 10
    assert told["splits"]["train"]["float32_bytes"] == 30 * 784 * 4
    assert len(told["sample_images"]) == 10


def test_a_terminal_gets_bars_and_images(home: Home, data_dir: Path) -> None:
    words = [*COMMAND, "--data-dir", str(data_dir), "data", "digits"]
    env = environment(MNIST_TUI_HOME=home.path, TERM="xterm-256color")
    with Terminal(words, env, rows=120) as terminal:
        terminal.wait_for_end()
        shown = "\n".join(terminal.display())
        assert "███" in shown
        assert b"\x1b[48;5;" in terminal.output


@pytest.mark.parametrize("changes", [{"TERM": "dumb"}, {"MNIST_TUI_ASCII": "1"}])
def test_a_terminal_that_takes_less_gets_what_it_takes(
    home: Home, data_dir: Path, changes: dict[str, str]
) -> None:
    words = [*COMMAND, "--data-dir", str(data_dir), "data", "digits"]
    env = environment(MNIST_TUI_HOME=home.path, TERM="xterm-256color") | changes
    with Terminal(words, env, rows=120) as terminal:
        terminal.wait_for_end()
        terminal.read()
        assert b"VALIDATION" in terminal.output
        assert (b"###" in terminal.output) == ("TERM" not in changes)
        assert "▀".encode() not in terminal.output
        assert "█".encode() not in terminal.output


def test_show_tells_how_many_images_a_session_has(home: Home, data_dir: Path) -> None:
    home.prepare()
    registry = Registry.open(home)
    base = to_plain(resolve({}, sizes={}, default_threads=1))
    for parameters in ({"dataset": "digits", "subset": 20}, {"dataset": "gone"}, {"subset": "x"}):
        registry.put(
            SessionRecord(
                id=registry.new_id(), name="", parameters=base | parameters, data_dir=str(data_dir),
                created_at="2026-01-01T00:00:00.000Z", state=SessionState.FINISHED,
            )
        )  # fmt: skip
    registry.close()
    images = [json_of(home, "show", session_id)["num_images"] for session_id in (1, 2, 3)]
    assert images == [{"train": 18, "validation": 2, "test": 20}, None, None]
    told = " ".join(output_of(home, "show", 1).split())
    assert "images 18 train, 2 validation, 20 test" in told


def test_what_is_missing_is_not_fetched_and_it_says_how_to_get_it(
    home: Home, data_dir: Path
) -> None:
    done = refused(home, data_dir, "kmnist")
    assert done.returncode == 1
    assert "kmnist is not on this machine" in done.stderr
    assert "`mnist-tui new --dataset kmnist` downloads it first" in done.stderr
    assert not home.path.exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("digits", "--subset", 25), 1, "use 20 (40 at most)"),
        (("digits", "--subset", "many"), 1, "subset: needs a whole number"),
        (("digits", "--split", "pooled", "--fraction", 0.5), 1, "fraction: does not apply"),
        (("--subset", 20), 2, "--subset needs the name of a dataset"),
        (("cifar",), 1, "There is no dataset 'cifar'; known are digits, mnist"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(
    home: Home, data_dir: Path, words: tuple[object, ...], code: int, sentence: str
) -> None:
    done = refused(home, data_dir, *words)
    assert done.returncode == code
    assert sentence in done.stderr
