"""The demo: runs without a network, shows two sessions, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import psutil
import pytest

from tests.deadlines import patient, wait_until
from tests.system.command import COMMAND, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO_TIMEOUT_S = 120


@pytest.fixture
def temp() -> Iterator[Path]:
    """A temporary folder that demos use and must leave empty."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    yield folder
    try:
        assert list(folder.iterdir()) == []
        assert processes_in(folder) == []
    finally:
        for process in processes_in(folder):
            with suppress(psutil.NoSuchProcess):
                process.kill()
    folder.rmdir()


def processes_in(folder: Path) -> list[psutil.Process]:
    """Return the background processes of homes in `folder`."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            family = [process, *process.parents()]
            if any(str(folder) in " ".join(each.cmdline()) for each in family):
                found.append(process)
    return found


@contextmanager
def started_demo(temp: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo without a terminal that prints its lines here."""
    demo = subprocess.Popen(
        [*COMMAND, "demo"],
        env=environment(TMPDIR=temp, XDG_CONFIG_HOME="/nonexistent"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.communicate()


def read_until(demo: subprocess.Popen[str], text: str) -> None:
    """Read the demo's lines until one has `text` in it."""
    assert demo.stdout is not None
    assert any(text in line for line in demo.stdout), f"no line with {text!r}"


def test_without_a_terminal_two_models_train_and_are_compared(temp: Path) -> None:
    with started_demo(temp) as demo:
        lines, prose = demo.communicate(timeout=patient(DEMO_TIMEOUT_S))
        assert demo.returncode == 0, prose
    assert "\033" not in lines
    for name in ("cnn", "lenet"):
        told = [line for line in lines.splitlines() if f"{name} " in line]
        assert sum("epoch" in line for line in told) >= 5
        row = told[-1].split()
        assert row[3] == "finished"
        assert float(row[7]) > 90.0, "test accuracy in per cent"
    starts = [number for number, line in enumerate(lines.splitlines()) if "running" in line]
    end = next(number for number, line in enumerate(lines.splitlines()) if "finished" in line)
    assert max(starts) < end, "both train at the same time"


@pytest.mark.parametrize(
    ("when", "number", "code"),
    [("starting", signal.SIGINT, 130), ("Two small models", signal.SIGTERM, 128 + signal.SIGTERM)],
)
def test_an_interrupted_demo_leaves_nothing(
    temp: Path, when: str, number: signal.Signals, code: int
) -> None:
    with started_demo(temp) as demo:
        read_until(demo, when)
        demo.send_signal(number)
        _, prose = demo.communicate(timeout=patient(60))
        assert demo.returncode == code
        assert "Traceback" not in prose


def test_a_killed_demo_is_tidied_up_by_its_supervisor(temp: Path) -> None:
    with started_demo(temp) as demo:
        read_until(demo, "Two small models")
    wait_until(lambda: not processes_in(temp), "its processes have gone", timeout_s=60)
    wait_until(lambda: list(temp.iterdir()) == [], "its folder has gone")


def test_on_a_terminal_the_screen_opens_on_the_sessions_and_q_leaves(temp: Path) -> None:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "demo"],
        env=environment(TMPDIR=temp, XDG_CONFIG_HOME="/nonexistent", TERM="xterm-256color"),
        dimensions=(24, 80),
        timeout=patient(60),
        encoding="utf-8",
    )
    try:
        child.expect("lenet")
        child.expect("running")
        child.send("q")
        child.expect("The demo's sessions are gone")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)
