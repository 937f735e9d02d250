"""`bench` measures this machine, says what to set, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mnist_tui.storage.home import Home
from mnist_tui.training.sessions.hardware import num_cores
from tests.deadlines import patient, wait_until
from tests.system.command import COMMAND, environment, mnist_tui, running
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness import Workspace

QUICK = ("bench", "--model", "lenet", "--seconds", "0.1")
LASTING = ("bench", "--model", "lenet", "--seconds", "600")
TIMEOUT_S = 240
LOADING_S = 0.3
"""Of processor time: past the start of Python, and well before torch is there."""
CTRL_C = b"\x03"


@pytest.fixture
def temp() -> Iterator[Path]:
    """A temporary folder that `bench` uses and must leave empty."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    yield folder
    assert list(folder.iterdir()) == []
    folder.rmdir()


def surroundings(temp: Path, home: Path) -> dict[str, str]:
    return environment(
        TMPDIR=temp,
        TORCHINDUCTOR_CACHE_DIR=home.parent / "torchinductor",
        MNIST_TUI_HOME=home,
        XDG_CONFIG_HOME="/nonexistent",
        TERM="xterm-256color",
        LC_ALL="C.UTF-8",
    )


def bench(temp: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env=surroundings(temp, home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patient(TIMEOUT_S),
        check=False,
    )


@contextmanager
def begun(temp: Path, home: Path) -> Iterator[Terminal]:
    """A measurement in a terminal that takes longer than anybody waits."""
    with Terminal([*COMMAND, *LASTING], surroundings(temp, home)) as terminal:
        yield terminal


def family(terminal: Terminal) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(terminal.process.pid).children(recursive=True)
    return found


def measuring(terminal: Terminal) -> list[psutil.Process]:
    """Return the processes that train now: they were forked from one that was forked."""
    parents = family(terminal)
    grandchildren: list[psutil.Process] = [child for one in parents for child in one.children()]
    return [child for child in grandchildren if child.cpu_times().user > 0]


def loading(terminal: Terminal) -> list[psutil.Process]:
    """Return the process that loads torch, once it is well at it."""
    return [child for child in family(terminal) if child.cpu_times().user > LOADING_S]


def test_every_figure_is_told_as_json_and_nothing_is_kept(temp: Path, tmp_path: Path) -> None:
    done = bench(temp, tmp_path / "home", *QUICK, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["device"].partition(":")[0] in ("cpu", "cuda", "mps")
    assert told["images"] == "random"
    assert told["sessions_running"] == 0
    assert [(row["model"], row["precision"]) for row in told["models"]] == [
        ("lenet", "fp32"), ("lenet", "bf16"),
    ]  # fmt: skip
    for row in told["models"]:
        assert row["images_per_s"] > 0
        assert row["bare_images_per_s"] > 0
        assert row["ratio"] > 0
        assert row["problem"] is None
    assert told["parallel"][0]["sessions"] == 1
    assert all(row["threads"] * row["sessions"] <= num_cores() for row in told["parallel"])
    assert all(row["images_per_s"] > 0 for row in told["parallel"])
    settings = [advice["setting"] for advice in told["advice"]]
    assert {"slots", "precision"} <= set(settings)
    assert all(advice["flag"].startswith(f"--{advice['setting']} ") for advice in told["advice"])
    assert not (tmp_path / "home").exists()
    assert "random pixels" in done.stderr


def test_on_a_terminal_it_shows_what_is_measured_and_says_what_to_set(
    temp: Path, tmp_path: Path
) -> None:
    with Terminal([*COMMAND, *QUICK], surroundings(temp, tmp_path / "home")) as terminal:
        terminal.await_text("lenet in fp32", TIMEOUT_S)
        terminal.wait_for_end(TIMEOUT_S)
        shown = "\n".join(terminal.display())
    assert terminal.process.returncode == 0
    assert "BARE LOOP" in shown
    assert "mnist-tui --slots" in shown
    assert "Precision: bf16 is" in shown


def interrupt(terminal: Terminal) -> None:
    """Press ctrl+c, and see that every process ends and nothing is said of how Python does."""
    ours = family(terminal)
    os.write(terminal.fd, CTRL_C)
    terminal.wait_for_end()
    assert terminal.process.returncode == 130
    assert b"Traceback" not in terminal.output
    _gone, alive = psutil.wait_procs(ours, timeout=patient(20))
    assert not alive


def test_ctrl_c_while_it_trains_ends_every_process_and_removes_every_file(
    temp: Path, tmp_path: Path
) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        interrupt(terminal)


def test_ctrl_c_while_torch_is_loaded_says_nothing_of_how_python_ends(
    temp: Path, tmp_path: Path
) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        wait_until(lambda: loading(terminal), "torch is being loaded", TIMEOUT_S, 0.01)
        interrupt(terminal)


def test_ctrl_c_does_not_reach_the_process_that_loads_torch(temp: Path, tmp_path: Path) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        (loader,) = wait_until(lambda: loading(terminal), "torch is being loaded", TIMEOUT_S, 0.01)
        loader.send_signal(signal.SIGINT)
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        assert loader.is_running()
        os.write(terminal.fd, CTRL_C)
        terminal.wait_for_end()
        assert b"Traceback" not in terminal.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_tidies_up_as_well(
    temp: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with begun(temp, tmp_path / "home") as terminal:
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        ours = family(terminal)
        terminal.process.send_signal(number)
        terminal.wait_for_end()
        assert terminal.process.returncode == 128 + number
    _gone, alive = psutil.wait_procs(ours, timeout=patient(20))
    assert not alive


def test_when_it_is_killed_its_sessions_leave_by_themselves(tmp_path: Path) -> None:
    with begun(tmp_path, tmp_path / "home") as terminal:
        wait_until(lambda: measuring(terminal), "a session trains", TIMEOUT_S)
        ours = family(terminal)
        terminal.process.kill()
        terminal.wait_for_end()
    _gone, alive = psutil.wait_procs(ours, timeout=patient(20))
    assert not alive


def test_while_a_session_trains_the_figures_are_called_low(
    workspace: Workspace, temp: Path
) -> None:
    running(workspace)
    done = bench(temp, workspace.home.path, *QUICK, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sessions_running"] == 1
    assert "1 session runs now, so these figures are low" in done.stderr
    assert "mnist-tui pause --all" in done.stderr


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
