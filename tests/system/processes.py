"""Ending the processes of a home as a person, the kernel or a power cut would."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from mnist_tui.training.protocol.client import Client, Refused, Unreachable
from tests.deadlines import wait_until

if TYPE_CHECKING:
    from tests.harness import Workspace

RECOVERY_TIMEOUT_S = 5.0
"""How soon the guard brings a supervisor back."""


def supervisor_of(workspace: Workspace) -> psutil.Process:
    return psutil.Process(workspace.supervisor_pid())


def kill_supervisor(workspace: Workspace) -> None:
    """Kill the supervisor and wait until its guard has brought it back."""
    pid = workspace.supervisor_pid()
    os.kill(pid, signal.SIGKILL)
    workspace.disconnect()
    wait_until(
        lambda: answering_pid(workspace) not in (None, pid),
        "the guard brings the supervisor back",
        timeout_s=RECOVERY_TIMEOUT_S,
    )


def answering_pid(workspace: Workspace) -> int | None:
    """Return the pid of the supervisor that answers now; starts none."""
    with suppress(Unreachable, Refused), Client.connect(workspace.home) as client:
        return _pid_in(client)
    return None


def _pid_in(client: Client) -> int:
    from mnist_tui.training.protocol.requests import Status

    return int(client.request(Status)["pid"])


def guards_of(workspace: Workspace) -> list[psutil.Process]:
    return [one for one in workspace.processes() if _is_called(one, "guard")]


def supervisors_of(workspace: Workspace) -> list[psutil.Process]:
    return [one for one in workspace.processes() if _is_called(one, "supervisor")]


def fork_servers_of(workspace: Workspace) -> list[psutil.Process]:
    """Return the fork servers whose supervisor lives; their children have the same command line."""
    children = [child for one in supervisors_of(workspace) for child in one.children()]
    return [one for one in children if "forkserver" in " ".join(_command(one))]


def _is_called(process: psutil.Process, role: str) -> bool:
    command = _command(process)
    return "mnist_tui.training" in command and role in command


def _command(process: psutil.Process) -> list[str]:
    """Return the command line of a process; nothing of one that has just ended."""
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []
