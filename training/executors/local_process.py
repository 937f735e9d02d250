"""One process of this machine, seen from the supervisor: its pipe, its reports and its exit."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.lock import is_locked
from mnist_tui.storage.worker_status import read_worker_status
from mnist_tui.training.executors.channel import channel_pair
from mnist_tui.training.executors.executor import Exit, ExitStatus
from mnist_tui.training.executors.fork_server import LOST_EXIT_CODE
from mnist_tui.training.protocol.messages import ProtocolError, decode, encode
from mnist_tui.training.protocol.worker_messages import BUSY, Ended, Report, WorkerCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.worker_status import WorkerStatus
    from mnist_tui.training.executors.fork_server import Child, Spawner

MAX_REPORT_BYTES = 4 * 1024 * 1024
LINGER_S = 10.0
"""Time that a process may take to exit after it has closed its pipe."""
LOCK_POLL_S = 0.1


class LocalProcess:
    """A process that is being started, runs, or has ended: the local `Handle`."""

    def __init__(
        self,
        spawner: Spawner,
        entry: str,
        arguments: tuple[Any, ...],
        on_report: Callable[[Report], None],
        *,
        log: Path | None = None,
        session_folder: Path | None = None,
    ) -> None:
        """Start a process that calls `entry` with a connection and the arguments.

        Args:
            spawner: Starts the process.
            entry: Name of the function, module:function.
            arguments: Picklable.
            on_report: Takes its reports in order, except the last one.
            log: Where the process writes its output.
            session_folder: Folder of the session that a worker trains. Its status file has the
                last activity of a lost worker; its lock is held until the process has ended.
        """
        self.pid: int | None = None
        self.log = str(log)
        self._on_report = on_report
        self._session_folder = session_folder
        self._ended: Ended | None = None
        self._child: Child | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []
        self._is_kill_requested = False
        self._is_hung_up = False
        self._run = asyncio.create_task(self._follow(spawner, entry, arguments))

    def send(self, command: WorkerCommand) -> None:
        """Send a command; one sent before the process exists waits for it in the pipe."""
        line = encode(command)
        if self._writer is None:
            self._unsent.append(line)
        else:
            self._writer.write(line)

    def kill(self) -> None:
        """End the process at once, also while it is being started."""
        self._is_kill_requested = True
        if self._child is not None:
            self._child.kill()

    def hang_up(self) -> None:
        """Close our half of the pipe: a worker then finishes its batch, saves and leaves."""
        self._is_hung_up = True
        if self._writer is not None:
            self._writer.write_eof()

    async def wait(self) -> Exit:
        """Return how it ended, once no process holds its session any more."""
        return await self._run

    async def _follow(self, spawner: Spawner, entry: str, arguments: tuple[Any, ...]) -> Exit:
        oom_kills = _num_oom_kills()
        try:
            code = await self._run_process(spawner, entry, arguments)
        except _StartError as error:
            return Exit(ExitStatus.NOT_STARTED, str(error))
        folder = self._session_folder
        if folder is not None and (self._ended is None or self._ended.outcome != BUSY):
            await until_unlocked(folder)
        if self._ended is not None:
            status = _STATUSES.get(self._ended.outcome, ExitStatus.FAILED)
            return Exit(status, self._ended.message, self._ended.result)
        activity = None if folder is None else read_worker_status(folder / folders.WHEREABOUTS)
        return sudden_exit(code, activity, is_oom=_num_oom_kills() > oom_kills)

    async def _run_process(
        self, spawner: Spawner, entry: str, arguments: tuple[Any, ...]
    ) -> int | None:
        """Run the process to its end and return its exit code, minus a signal, or None if unknown.

        Raises:
            _StartError: It could not be started.
        """
        try:
            ours, theirs = channel_pair()
        except OSError as error:
            raise _StartError(error.strerror or str(error)) from error
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=MAX_REPORT_BYTES)
        try:
            self._writer.writelines(self._unsent)
            if self._is_hung_up:
                self._writer.write_eof()
            try:
                self._child = await spawner.start(theirs, entry, *arguments)
            except OSError as error:
                raise _StartError(error.strerror or str(error)) from error
            self.pid = self._child.pid
            if self._is_kill_requested:
                self._child.kill()
            await self._read_reports(reader)
            return await self._wait_for_exit(self._child)
        finally:
            self._writer.close()

    async def _read_reports(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                try:
                    report = decode(line, Report)
                except ProtocolError:
                    return  # half a line: the process died in the middle of it
                if isinstance(report, Ended):
                    self._ended = report
                else:
                    self._on_report(report)

    async def _wait_for_exit(self, child: Child) -> int | None:
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(child.sentinel, gone.set)
        try:
            await asyncio.wait_for(gone.wait(), LINGER_S)
        except TimeoutError:
            child.kill()
            await gone.wait()
        finally:
            loop.remove_reader(child.sentinel)
        code = child.exit_code()
        child.close()
        self._child = None
        return code


class _StartError(Exception):
    """The system has no process or descriptor left; the text is its reason."""


async def until_unlocked(session_folder: Path) -> None:
    """Wait until no process holds the lock of a session."""
    while is_locked(session_folder / folders.WORKER_LOCK):
        await asyncio.sleep(LOCK_POLL_S)


def sudden_exit(code: int | None, activity: WorkerStatus | None, *, is_oom: bool) -> Exit:
    """Return the exit of a process that left no last message.

    Args:
        code: Exit code, or minus the signal that ended it; None if unknown.
        activity: What it was doing, as it noted itself; None if unknown.
        is_oom: Whether the kernel killed processes for lack of memory meanwhile.
    """
    if code == -signal.SIGKILL and is_oom:
        cause = "out of memory: killed by the kernel"
        return Exit(ExitStatus.OUT_OF_MEMORY, cause, last_activity=activity)
    if code is not None and code < 0:
        return Exit(ExitStatus.SIGNALLED, _signal_text(-code), last_activity=activity)
    how = "ended" if code in (None, LOST_EXIT_CODE) else f"exited ({code})"
    return Exit(ExitStatus.LOST, f"{how} without a word", last_activity=activity)


_STATUSES = {
    "finished": ExitStatus.FINISHED,
    "stopped": ExitStatus.STOPPED,
    "orphaned": ExitStatus.ORPHANED,
}
"""Exit status by the outcome in a last message; every other outcome is a failure."""


def _signal_text(number: int) -> str:
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"killed by signal {number}"


def _num_oom_kills() -> int:
    """Return how many processes the kernel has killed for lack of memory since boot, if known."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
