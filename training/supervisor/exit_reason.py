"""How a worker's end is read: its last word, its exit code, and where it was when it was killed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from mnist_tui.storage.worker_status import Activity
from mnist_tui.training.executors.fork_server import LOST_EXIT_CODE
from mnist_tui.training.sessions.lifecycle import Trigger

if TYPE_CHECKING:
    from mnist_tui.storage.worker_status import WorkerStatus
    from mnist_tui.training.executors.local_process import Exit

GOES_ON = "resume goes on from the checkpoint"


def why_ended(
    ending: Exit, where: WorkerStatus | None, oom_kills: int | None
) -> tuple[Trigger, str | None]:
    """Return the trigger and the cause for the way a worker ended.

    Args:
        ending: The worker's last word and exit code.
        where: What it was doing, as it noted itself; None if unknown.
        oom_kills: Processes the kernel killed for lack of memory meanwhile; None if unknown.
    """
    if ending.start_error:
        cause = f"the worker could not be started or followed ({ending.start_error})"
        return Trigger.EXIT_ERROR, cause
    if ending.ended is not None:
        return _OUTCOMES.get(ending.ended.outcome, Trigger.EXIT_ERROR), ending.ended.message
    if ending.code is not None and ending.code < 0:
        how = _signal_name(-ending.code)
        if ending.code == -signal.SIGKILL and oom_kills:
            how = "out of memory: killed by the kernel"
        return Trigger.EXIT_ERROR, f"{how}{place(where)}; {GOES_ON}"
    how = "ended" if ending.code in (None, LOST_EXIT_CODE) else f"exited ({ending.code})"
    return Trigger.EXIT_ERROR, f"the worker {how} without a word{place(where)}; {GOES_ON}"


def place(where: WorkerStatus | None) -> str:
    """Return where a worker was, to be put behind what happened to it."""
    if where is None:
        return ""
    if where.activity is Activity.LOADING:
        return " while loading"
    doing = where.activity.value
    if where.is_saving and where.activity is not Activity.SAVING:
        doing += " and saving"
    return f" while {doing} at step {where.step:,}"


_OUTCOMES = {
    "finished": Trigger.EXIT_FINISHED,
    "stopped": Trigger.EXIT_STOPPED,
    "orphaned": Trigger.EXIT_ORPHANED,
}


def _signal_name(number: int) -> str:
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"killed by signal {number}"
