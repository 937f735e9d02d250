"""One started child, worker or task, seen from the supervisor: its pipe, its reports, its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.training.executors.pipe import channel_pair
from mnist_tui.training.protocol.messages import ProtocolError, decode, encode
from mnist_tui.training.protocol.worker_messages import Ended, Report, WorkerCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.training.executors.fork_server import Child, Spawner

MAX_REPORT_BYTES = 4 * 1024 * 1024
LINGER_S = 10.0
"""How long a child may take to exit after it has hung up."""


@dataclass(frozen=True)
class Exit:
    """How a child ended."""

    ended: Ended | None
    """Its last word; None if it had none."""
    code: int | None
    """Exit code, or minus the signal that ended it; None if it could not be started."""
    start_error: str | None = None


class RunningChild:
    """Starts a child, hands its reports on in order, and waits for its end."""

    def __init__(self, on_report: Callable[[Report], None]) -> None:
        self.pid: int | None = None
        self._on_report = on_report
        self._ended: Ended | None = None
        self._child: Child | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []
        self._is_kill_wanted = False
        self._is_hung_up = False

    def send(self, command: WorkerCommand) -> None:
        """Send a command; one sent before the child exists waits for it in the pipe."""
        line = encode(command)
        if self._writer is None:
            self._unsent.append(line)
        else:
            self._writer.write(line)

    def kill(self) -> None:
        """End the process at once, also if it is only being started."""
        self._is_kill_wanted = True
        if self._child is not None:
            self._child.kill()

    def hang_up(self) -> None:
        """Close our half of the pipe: a worker then finishes its batch, saves and leaves."""
        self._is_hung_up = True
        if self._writer is not None:
            self._writer.write_eof()

    async def run(self, spawner: Spawner, target: Callable[..., None], assignment: Any) -> Exit:
        """Start `target(connection, assignment)` and return how it ended."""
        ours, theirs = channel_pair()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=MAX_REPORT_BYTES)
        try:
            self._writer.writelines(self._unsent)
            if self._is_hung_up:
                self._writer.write_eof()
            try:
                self._child = await spawner.start(target, theirs, assignment)
            except OSError as error:
                return Exit(None, None, start_error=error.strerror or str(error))
            self.pid = self._child.pid
            if self._is_kill_wanted:
                self._child.kill()
            await self._read_reports(reader)
            return Exit(self._ended, await self._wait_for_exit(self._child))
        finally:
            self._writer.close()

    async def _read_reports(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                try:
                    report = decode(line, Report)
                except ProtocolError:
                    return  # half a line: the child died in the middle of it
                if isinstance(report, Ended):
                    self._ended = report
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
