"""`devices` tells what the screen shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.system.command import json_of, mnist_tui, output_of, running

if TYPE_CHECKING:
    from tests.harness import Workspace

FOUR_GPUS = Path(__file__).parents[1] / "data" / "four_gpus.jsonl"


def test_a_running_session_is_told_with_the_work_and_memory_of_its_process(
    workspace: Workspace,
) -> None:
    session_id = running(workspace, "--name", "trains-here")
    told = json_of(workspace.home, "devices")
    (process,) = told["processes"]
    assert process["session"] == session_id
    assert process["pid"] == workspace.record(session_id).worker_pid
    assert process["memory_bytes"] > 50 * 1024**2
    assert process["cpu_cores"] > 0
    assert 0 < told["cpu_share"] <= 1
    assert told["memory_used_bytes"] < told["memory_total_bytes"]
    assert "trains-here" in output_of(workspace.home, "devices")


def test_a_recorded_machine_is_told_in_place_of_this_one(workspace: Workspace) -> None:
    session_id = running(workspace)
    printed = output_of(workspace.home, "--devices-from", FOUR_GPUS, "devices")
    busy = next(line for line in printed.splitlines() if line.startswith("gpu0"))
    assert f"#{session_id} 6.2 GiB, pid 4711 grace 3.1 GiB" in busy
    assert "212 / 400" in busy
    silent = next(line for line in printed.splitlines() if line.startswith("gpu3"))
    assert silent.split()[5:7] == ["–", "–"]  # behind "gpu3 35 7.5 / 10"


def test_it_starts_no_supervisor(workspace: Workspace) -> None:
    workspace.home.prepare()
    done = mnist_tui(workspace.home, "devices")
    assert done.returncode == 0, done.stderr
    assert not workspace.processes()
