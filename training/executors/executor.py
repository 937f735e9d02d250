"""The executor interface: how workers and tasks are started, sent commands, and seen to end.

The supervisor knows nothing else of them: no process, no pipe, no file that a worker writes. Where
they run, how their end is found out and what it means is the executor's knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from mnist_tui.storage.worker_status import Activity

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mnist_tui.storage.worker_status import WorkerStatus
    from mnist_tui.training.protocol.assignment import TaskAssignment, WorkerAssignment
    from mnist_tui.training.protocol.worker_messages import Report, WorkerCommand


class ExitStatus(StrEnum):
    """The kinds of end of a worker or task."""

    FINISHED = "finished"
    STOPPED = "stopped"
    ORPHANED = "orphaned"
    """It lost its supervisor, saved and left."""
    FAILED = "failed"
    """It reported an error, or another worker held its session."""
    LOST = "lost"
    """It is gone without a last message, for an unknown reason or with an unexpected exit code."""
    OUT_OF_MEMORY = "out of memory"
    """The operating system ended it to get memory back."""
    SIGNALLED = "signalled"
    """A signal ended it."""
    NOT_STARTED = "not started"
    """It could not be started or followed; the cause is the system's reason."""


@dataclass(frozen=True)
class Exit:
    """The end of a worker or task."""

    status: ExitStatus
    cause: str | None = None
    """Its last message, or what ended it, such as `killed by SIGKILL`."""
    result: Any = None
    """Result of a finished task."""
    last_activity: WorkerStatus | None = None
    """The last activity of a worker that is gone, if known."""

    @property
    def is_sudden(self) -> bool:
        """True if it was gone before it could report its end."""
        return self.status in (ExitStatus.LOST, ExitStatus.OUT_OF_MEMORY, ExitStatus.SIGNALLED)

    @property
    def place(self) -> str:
        """Last activity, such as ` while training at step 5`; empty if unknown."""
        activity = self.last_activity
        if activity is None:
            return ""
        if activity.activity is Activity.LOADING:
            return " while loading"
        doing = activity.activity.value
        if activity.is_saving and activity.activity is not Activity.SAVING:
            doing += " and saving"
        return f" while {doing} at step {activity.step:,}"

    @property
    def sentence(self) -> str | None:
        """Cause of a worker's end as its session's row states it; None after an expected end."""
        if self.status is ExitStatus.NOT_STARTED:
            return f"the worker could not be started or followed ({self.cause})"
        if not self.is_sudden:
            return self.cause
        subject = "the worker " if self.status is ExitStatus.LOST else ""
        return f"{subject}{self.cause}{self.place}; resume goes on from the checkpoint"


class Handle(Protocol):
    """One worker or task that was started."""

    @property
    def pid(self) -> int | None:
        """Its process ID; None if it has none yet, or none on this machine."""

    @property
    def log(self) -> str:
        """Place of its output, for messages."""

    def send(self, command: WorkerCommand) -> None:
        """Send a command; one sent before the worker is ready waits for it."""

    def kill(self) -> None:
        """End it at once, also while it is being started; after its end this does nothing."""

    def hang_up(self) -> None:
        """Close the connection: a worker then finishes its batch, saves and leaves."""

    async def wait(self) -> Exit:
        """Return how it ended, after its last report was delivered and its session is free.

        Raises:
            Exception: Its end cannot be followed any more.
        """


class Executor(Protocol):
    """Starts workers and tasks somewhere, and knows the machine on which they run."""

    @property
    def boot_id(self) -> str:
        """Identity of the machine's running boot: no worker outlives it; empty if unknown."""

    @property
    def is_warm(self) -> bool:
        """True if the next start is fast because torch is loaded already."""

    def start(
        self, assignment: WorkerAssignment | TaskAssignment, on_report: Callable[[Report], None]
    ) -> Handle:
        """Start a worker or task; `on_report` takes its reports in order.

        Must be called on the event loop, where `on_report` is called too. A start that fails
        becomes an exit with the status NOT_STARTED.
        """

    def holder(self, session_id: int) -> str | None:
        """Return the worker that holds a session now, in words, or None.

        It may be a worker of an earlier supervisor.
        """

    async def until_free(self, session_id: int) -> None:
        """Wait until no worker holds a session."""

    def reserve(self, session_id: int) -> AbstractContextManager[object]:
        """Keep every worker away from a session's files while the context lasts.

        Raises:
            StorageError: A worker has it, or the reservation cannot be stored.
        """

    def default_threads(self, slots: int) -> int:
        """Return the CPU threads of a session, such that all slots together fill the machine."""

    def missing_device(self, device: str, environment: dict[str, str]) -> str | None:
        """Return why a session with this environment cannot use `device`, or None."""

    def cool(self) -> None:
        """Give back the memory that makes starts fast."""

    def close(self) -> None:
        """Give back everything that is not a worker or task."""
