"""The devices in a real terminal: sessions that train here, on a machine that was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.devices.device_readings import MachineReading
from tests.deadlines import wait_until
from tests.system.command import COMMAND, environment, mnist_tui
from tests.system.terminal import Terminal
from tests.training.devices.test_device_trace import recorded

if TYPE_CHECKING:
    from tests.harness import Workspace

FOUR_GPUS = Path(__file__).parents[1] / "data" / "four_gpus.jsonl"


def opened(
    workspace: Workspace, folder: Path, *options: object, columns: int, rows: int
) -> Terminal:
    """Open the screen on the home of `workspace`."""
    env = environment(
        MNIST_TUI_HOME=workspace.home.path, XDG_CONFIG_HOME=folder, XDG_STATE_HOME=folder
    )
    command = [*COMMAND, *map(str, options)]
    return Terminal(command, env | {"TERM": "xterm-256color"}, columns=columns, rows=rows)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_a_recorded_machine_is_shown_in_place_of_this_one(
    workspace: Workspace, tmp_path: Path, columns: int, rows: int
) -> None:
    session_id = workspace.create(name="trains-here")
    workspace.reach(session_id, SessionState.RUNNING)
    options = ("--devices-from", FOUR_GPUS)
    with opened(workspace, tmp_path, *options, columns=columns, rows=rows) as terminal:
        terminal.await_text("1 running")
        if columns >= 120:
            terminal.await_text("4 gpus")
        terminal.keys(b"d")
        terminal.await_text(f"#{session_id} trains-here 6.2 GiB")
        terminal.await_text("other pid 4711 grace 3.1 GiB")
        terminal.await_text("recorded: four_gpus.jsonl")
        terminal.await_text("SESSION")
        terminal.keys(b"q")
        terminal.await_text("PROGRESS")


def test_this_machine_shows_what_a_worker_takes(workspace: Workspace, tmp_path: Path) -> None:
    session_id = workspace.create(name="trains-here")
    workspace.reach(session_id, SessionState.RUNNING)
    pid = workspace.record(session_id).worker_pid
    with opened(workspace, tmp_path, columns=100, rows=30) as terminal:
        terminal.await_text("1 running")
        terminal.keys(b"d")

        def is_known(seen: str) -> bool:
            rows = [line for line in seen.splitlines() if "trains-here" in line]
            return any(str(pid) in row and "MiB" in row and "–" not in row for row in rows)

        terminal.await_screen(is_known, "memory and work of the worker are known")


def test_nothing_is_sent_while_the_machine_stands_still(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.home.prepare()
    still = recorded(
        tmp_path / "still.jsonl",
        MachineReading(time=1.0, num_cores=8, memory_used_bytes=2**30, memory_total_bytes=2**34),
    )
    with opened(workspace, tmp_path, "--devices-from", still, columns=80, rows=24) as terminal:
        terminal.await_text("No sessions yet")
        terminal.keys(b"d")
        terminal.await_text("8 cores")
        wait_until(lambda: not terminal.read(1.0), "the screen comes to rest")
        # Longer than it takes to read the devices again.
        assert terminal.read(3.0) == b""


@pytest.mark.parametrize("content", [None, b"hello\n", b'{"format":99}\n'])
def test_a_bad_recording_is_one_sentence_and_wrong_usage(
    workspace: Workspace, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "trace"
    if content is not None:
        path.write_bytes(content)
    done = mnist_tui(workspace.home, "--devices-from", path, "ls")
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
