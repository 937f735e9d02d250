"""The executor of this machine: a fork server, a process for each worker and task, and a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage import folders
from mnist_tui.storage.lock import FileLock, living_holder
from mnist_tui.training.executors.fork_server import Spawner
from mnist_tui.training.executors.local_process import LocalProcess, until_unlocked
from mnist_tui.training.protocol.assignment import TaskAssignment, WorkerAssignment
from mnist_tui.training.sessions import hardware

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.training.protocol.worker_messages import Report


WORKER_ENTRY = "mnist_tui.training.worker.worker_process:main"
TASK_ENTRY = "mnist_tui.training.worker.task_process:main"


class LocalExecutor:
    """Workers and tasks as children of this process that work in the folders of one home."""

    def __init__(self, home: Home) -> None:
        self.boot_id = hardware.boot_id()
        self._home = home
        self._spawner = Spawner()
        self._num_tasks = 0

    @property
    def is_warm(self) -> bool:
        """True if a fork server has loaded torch."""
        return self._spawner.is_warm

    def start(
        self, assignment: WorkerAssignment | TaskAssignment, on_report: Callable[[Report], None]
    ) -> LocalProcess:
        """Start a process, from a fork server that is started first if there is none."""
        if isinstance(assignment, TaskAssignment):
            self._num_tasks += 1
            log = self._home.tasks / f"{assignment.kind}-{self._num_tasks}.log"
            return LocalProcess(self._spawner, TASK_ENTRY, (assignment, log), on_report, log=log)
        folder = self._home.session(assignment.session_id)
        return LocalProcess(
            self._spawner,
            WORKER_ENTRY,
            (assignment, folder),
            on_report,
            log=folder / folders.WORKER_LOG,
            session_folder=folder,
        )

    def holder(self, session_id: int) -> str | None:
        """Return which process holds the session's lock, in words; None while none does."""
        return living_holder(self._lock(session_id))

    async def until_free(self, session_id: int) -> None:
        """Wait until no process holds the session's lock."""
        await until_unlocked(self._home.session(session_id))

    def reserve(self, session_id: int) -> FileLock:
        """Take the session's lock, which every worker needs.

        Raises:
            LockHeldError: A process holds it.
            StorageError: It cannot be taken.
        """
        return FileLock.acquire(self._lock(session_id))

    def default_threads(self, slots: int) -> int:
        """Return the CPU threads of a session, such that all slots together fill the machine."""
        return hardware.default_threads(slots)

    def missing_device(self, device: str, environment: dict[str, str]) -> str | None:
        """Return why a session with this environment cannot use `device` here, or None."""
        return hardware.why_absent(device, environment.get("CUDA_VISIBLE_DEVICES"))

    def cool(self) -> None:
        """End the fork server, which weighs 540 MB."""
        self._spawner.drop_fork_server()

    def close(self) -> None:
        """End the fork server for good."""
        self._spawner.close()

    def _lock(self, session_id: int) -> Path:
        return self._home.session(session_id) / folders.WORKER_LOCK
