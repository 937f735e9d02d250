"""`bench` measures this machine, recommends settings, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.training.sessions.hardware import num_cores
from tests.deadlines import patient, wait_until
from tests.harness import new_workspace, still_running
from tests.system.command import COMMAND, environment, mnist_tui, running
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUICK = ("bench", "--model", "lenet", "--seconds", "0.1")
LASTING = ("bench", "--model", "lenet", "--seconds", "600")
TIMEOUT_S = 240
LOADING_S = 0.3
"""Of processor time: past the start of Python, and well before torch is there."""
CTRL_C = b"\x03"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A temporary folder that `bench` uses and must leave empty."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    yield folder
    assert list(folder.iterdir()) == []
    folder.rmdir()


@pytest.fixture
def temp() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


def isolated(temp: Path, home: Path) -> dict[str, str]:
    return environment(
        TMPDIR=temp,
        TORCHINDUCTOR_CACHE_DIR=home.parent / "torchinductor",
        MNIST_TUI_HOME=home,
        XDG_CONFIG_HOME="/nonexistent",
        TERM="xterm-256color",
        LC_ALL="C.UTF-8",
    )


@contextmanager
def begun(temp: Path, home: Path) -> Iterator[Terminal]:
    """A measurement in a terminal that takes longer than any test waits."""
    with Terminal([*COMMAND, *LASTING], isolated(temp, home)) as terminal:
        yield terminal


def family(terminal: Terminal) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(terminal.process.pid).children(recursive=True)
    return children


def measuring(terminal: Terminal) -> list[psutil.Process]:
    """Return the processes that train now: they were forked from one that was forked."""
    parents = family(terminal)
    grandchildren: list[psutil.Process] = [child for one in parents for child in one.children()]
    return [child for child in grandchildren if child.cpu_times().user > 0]


def loading(terminal: Terminal) -> list[psutil.Process]:
    """Return the process that loads torch, once it is well at it."""
    return [child for child in family(terminal) if child.cpu_times().user > LOADING_S]


class Measurement(NamedTuple):
    """One real measurement while a session trains, which the tests of a module share."""

    figures: dict[str, Any]
    stderr: str


@pytest.fixture(scope="module")
def measurement(digits_dir: Path) -> Iterator[Measurement]:
    with temporary_folder() as temp, new_workspace(digits_dir) as workspace:
        running(workspace)
        done = subprocess.run(
            [*COMMAND, *QUICK, "--json"],
            env=isolated(temp, workspace.home.path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patient(TIMEOUT_S),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield Measurement(json.loads(done.stdout), done.stderr)


def test_every_figure_is_measured_and_printed_as_json(measurement: Measurement) -> None:
    figures = measurement.figures
    assert figures["device"].partition(":")[0] in ("cpu", "cuda", "mps")
    assert figures["images"] == "random"
    assert "random pixels" in measurement.stderr
    assert [(row["model"], row["precision"]) for row in figures["models"]] == [
        ("lenet", "fp32"), ("lenet", "bf16"),
    ]  # fmt: skip
    for row in figures["models"]:
        assert row["images_per_s"] > 0
        assert row["bare_images_per_s"] > 0
        assert row["ratio"] > 0
        assert row["problem"] is None
    assert figures["parallel"][0]["sessions"] == 1
    assert all(row["threads"] * row["sessions"] <= num_cores() for row in figures["parallel"])
    assert all(row["images_per_s"] > 0 for row in figures["parallel"])
    settings = [advice["setting"] for advice in figures["advice"]]
    assert {"slots", "precision"} <= set(settings)
    assert all(advice["flag"].startswith(f"--{advice['setting']} ") for advice in figures["advice"])


def test_while_a_session_trains_the_figures_are_called_low(measurement: Measurement) -> None:
    assert measurement.figures["sessions_running"] == 1
    assert "1 session runs now, so these figures are low" in measurement.stderr
    assert "mnist-tui pause --all" in measurement.stderr


def interrupt(terminal: Terminal) -> None:
    """Press ctrl+c, and check that every process ends without a traceback."""
    ours = family(terminal)
    os.write(terminal.fd, CTRL_C)
    terminal.wait_for_end()
    assert terminal.process.returncode == 130
    assert b"Traceback" not in terminal.output
    assert not still_running(ours, timeout_s=20)


def test_ctrl_c_reaches_the_command_alone_which_ends_every_process_and_removes_every_file(
    temp: Path, tmp_path: Path
) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        (loader,) = wait_until(lambda: loading(terminal), "torch is being loaded", TIMEOUT_S, 0.01)
        loader.send_signal(signal.SIGINT)
        terminal.await_text("lenet in fp32", TIMEOUT_S)
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        assert loader.is_running()
        interrupt(terminal)
    assert not (tmp_path / "home").exists()


def test_ctrl_c_while_torch_is_loaded_prints_no_traceback(temp: Path, tmp_path: Path) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        wait_until(lambda: loading(terminal), "torch is being loaded", TIMEOUT_S, 0.01)
        interrupt(terminal)


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGTERM, measuring), (signal.SIGHUP, loading)]
)
def test_a_signal_to_end_cleans_up_as_well(
    temp: Path,
    tmp_path: Path,
    number: signal.Signals,
    moment: Callable[[Terminal], list[psutil.Process]],
) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        wait_until(lambda: moment(terminal), f"{moment.__name__} has begun", TIMEOUT_S)
        ours = family(terminal)
        terminal.process.send_signal(number)
        terminal.wait_for_end()
        assert terminal.process.returncode == 128 + number
    assert not still_running(ours, timeout_s=20)


def test_when_it_is_killed_its_sessions_leave_by_themselves(tmp_path: Path) -> None:
    with begun(tmp_path, tmp_path / "home") as terminal:
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        ours = family(terminal)
        terminal.process.kill()
        terminal.wait_for_end()
    assert not still_running(ours, timeout_s=20)


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("--model", "nosuch"), 2, "nosuch"),
        (("--device", "gpu"), 2, "use auto, cpu, cuda, cuda:N or mps"),
        (("--device", "cuda:99"), 1, "There is no cuda:99 here; use one of auto, cpu"),
        (("--seconds", "nan"), 2, "'nan' is not a number of seconds"),
        (("--seconds", "0"), 2, "0"),
        (("lenet",), 2, "lenet"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], code: int, what: str
) -> None:
    done = mnist_tui(Home(tmp_path / "home"), "bench", *words)
    assert done.returncode == code
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert what in line
    assert line.endswith(".")
