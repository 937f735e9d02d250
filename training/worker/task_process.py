"""The task process: one short piece of work that needs torch."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from mnist_tui.training.executors.channel import Channel
from mnist_tui.training.executors.child_process import explain, settle
from mnist_tui.training.protocol.requests import TASKS
from mnist_tui.training.protocol.worker_messages import Ended, TaskTold

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.training.protocol.assignment import TaskAssignment


def main(connection: socket.socket, assignment: TaskAssignment, log: Path) -> None:
    """Carry out the assignment and report the result; the log stays only if that fails."""
    with suppress(OSError):
        log.parent.mkdir(mode=0o700, exist_ok=True)
    settle(log)
    channel = Channel(connection)
    try:
        work = resolve_name(TASKS[assignment.kind].function)
        result = work(assignment.arguments, lambda text: channel.send(TaskTold(text=text)))
        with suppress(OSError):
            log.unlink()
        ended = Ended(outcome="finished", result=result)
    except Exception as error:  # noqa: BLE001 — whatever it was, the requester must hear of it
        traceback.print_exc()
        ended = Ended(outcome="failed", message=explain(error))
    channel.send(ended)
    channel.finish()


def warm(_arguments: dict[str, Any], _on_progress: Callable[[str], None]) -> int:
    """Return the fork server's pid; it has loaded everything once this runs."""
    return os.getppid()
