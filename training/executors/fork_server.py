"""Starts of worker and task processes through multiprocessing's fork server, which is kept warm.

The fork server has torch imported, so a child trains within milliseconds; the supervisor itself
never imports it. Every start runs on one thread of its own, because a cold fork server answers only
after seconds, and nothing may block the supervisor's loop.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from mnist_tui.training.executors.child_process import run_entry

if TYPE_CHECKING:
    import socket
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

IS_FORK_SERVER_USED = sys.platform.startswith("linux")
"""Elsewhere children are spawned: slower, and safe beside the system's own frameworks."""

DYING_TIMEOUT_S = 5.0
DYING_POLL_S = 0.02

LOST_EXIT_CODE = 255
"""multiprocessing's exit code of a child whose fork server died, whether it lives or not."""


class Child:
    """A started process that can be awaited and killed, safe against reused process IDs."""

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self.pid: int = process.pid
        self._process = process
        self._pidfd = _open_pidfd(self.pid)

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable when the process has ended."""
        sentinel: int = self._process.sentinel
        return sentinel

    def exit_code(self) -> int | None:
        """Return its exit code, minus a signal, LOST_EXIT_CODE, or None while it lives."""
        return self._process.exitcode

    def kill(self) -> None:
        """Send SIGKILL, if this very process still exists."""
        with suppress(ProcessLookupError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """Close the descriptors once the process has ended."""
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        with suppress(ValueError):  # it outlived its fork server, so its end was never seen
            self._process.close()


class Spawner:
    """The fork server and the thread on which it is called."""

    def __init__(self) -> None:
        self._context: ForkServerContext | SpawnContext
        if IS_FORK_SERVER_USED:
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(["mnist_tui.training.worker.preload"])
        else:
            self._context = multiprocessing.get_context("spawn")
        self._thread = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="spawner", initializer=_block_ctrl_c
        )
        self._fork_server_pid: int | None = None

    @property
    def is_warm(self) -> bool:
        """True if a fork server lives that has loaded everything."""
        return self._fork_server_pid is not None and _is_living_child(self._fork_server_pid)

    async def start(self, connection: socket.socket, entry: str, *arguments: Any) -> Child:
        """Call the function named `entry` with the connection and the arguments in a new process.

        Our copy of the connection is closed.

        Raises:
            OSError: The system has no process or descriptor left.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._thread, self._start_now, (connection, entry, *arguments)
            )
        finally:
            connection.close()

    def drop_fork_server(self) -> None:
        """End the fork server; the next start makes a new one."""
        if self._fork_server_pid is not None and _is_living_child(self._fork_server_pid):
            os.kill(self._fork_server_pid, signal.SIGTERM)
        self._fork_server_pid = None

    def close(self) -> None:
        """End the fork server, also one that still loads, and the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._fork_server_pid = self._fork_server_pid or _fork_server_pid()
        self.drop_fork_server()

    def _start_now(self, arguments: tuple[Any, ...]) -> Child:
        deadline = time.monotonic() + DYING_TIMEOUT_S
        while True:
            try:
                process = self._context.Process(target=run_entry, args=arguments, daemon=False)
                process.start()
            except ConnectionRefusedError:
                # The fork server is dying; once it is dead, the next try makes a new one.
                if time.monotonic() > deadline:
                    raise
                time.sleep(DYING_POLL_S)
            except EOFError as error:
                raise OSError("the fork server ended while a process was being started") from error
            else:
                # Only a fork server that has loaded everything forks.
                self._fork_server_pid = _fork_server_pid()
                return Child(process)


def _block_ctrl_c() -> None:
    """Keep ctrl+c from the fork server, which inherits this while it still loads torch."""
    with suppress(OSError):  # the start itself will fail and report it
        # Started later, from this thread, it would let the signal through again.
        resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _fork_server_pid() -> int | None:
    """Return the process ID, which multiprocessing keeps private."""
    pid = getattr(getattr(multiprocessing.forkserver, "_forkserver", None), "_forkserver_pid", None)
    return pid if isinstance(pid, int) else None


def _is_living_child(pid: int) -> bool:
    """Return True if `pid` is a living child of this process, and not another with its number."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def _open_pidfd(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    with suppress(OSError):
        return os.pidfd_open(pid)
    return None
