"""The worker's end of its control pipe: JSON lines both ways that never block a training step."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections import deque
from typing import TYPE_CHECKING

from mnist_tui.training.engine.interfaces import SupervisorLostError
from mnist_tui.training.protocol.messages import decode, encode
from mnist_tui.training.protocol.worker_messages import Progressed, Report, WorkerCommand
from mnist_tui.training.sessions.lifecycle import Trigger

if TYPE_CHECKING:
    from types import FrameType

_SIGTERM_COMMAND = WorkerCommand(number=0, action=Trigger.STOP)
"""SIGTERM as a command: finish the batch, save, leave. No client's request has the number 0."""


class Channel:
    """Reads commands and sends reports over one non-blocking socket."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._incoming = b""
        self._commands: deque[WorkerCommand] = deque()
        self._outgoing: deque[bytes] = deque()
        self._progress: bytes | None = None
        self._is_lost = False
        self._wakeup: int | None = None

    def handle_sigterm(self) -> None:
        """Turn SIGTERM into a stop command taken between two batches."""
        self._wakeup, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write_end)
        signal.signal(signal.SIGTERM, self._on_sigterm)

    def poll(self) -> WorkerCommand | None:
        """Return the oldest command not yet taken, or None; never waits.

        Raises:
            SupervisorLostError: The supervisor's end is closed and every command is taken.
        """
        self._flush()
        if not self._commands:
            self._receive()
        if self._commands:
            return self._commands.popleft()
        if self._is_lost:
            raise SupervisorLostError
        return None

    def wait(self) -> WorkerCommand:
        """Return the next command, waiting for it.

        Raises:
            SupervisorLostError: The supervisor's end was closed meanwhile.
        """
        while (command := self.poll()) is None:
            sources: list[int] = [self._connection.fileno()]
            if self._wakeup is not None:
                sources.append(self._wakeup)
            sinks = [self._connection] if self._has_outgoing() else []
            select.select(sources, sinks, [])
            self._drain_wakeup()
        return command

    def send(self, report: Report) -> None:
        """Send a report when the pipe takes it; of unsent progress only the newest is kept."""
        line = encode(report)
        if isinstance(report, Progressed):
            self._progress = line
        else:
            if self._progress is not None:
                self._outgoing.append(self._progress)
                self._progress = None
            self._outgoing.append(line)
        self._flush()

    def finish(self, timeout_s: float = 5.0) -> None:
        """Send what is left, waiting at most `timeout_s` for a slow reader, and hang up."""
        deadline = time.monotonic() + timeout_s
        while self._has_outgoing():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            select.select([], [self._connection], [], left)
            self._flush()
        self._connection.close()

    def _has_outgoing(self) -> bool:
        return bool(self._outgoing) or self._progress is not None

    def _on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        self._commands.append(_SIGTERM_COMMAND)

    def _drain_wakeup(self) -> None:
        if self._wakeup is not None:
            try:
                os.read(self._wakeup, 512)
            except BlockingIOError:
                return

    def _receive(self) -> None:
        while not self._is_lost:
            try:
                chunk = self._connection.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            self._is_lost = not chunk
            self._incoming += chunk
        *lines, self._incoming = self._incoming.split(b"\n")
        self._commands.extend(decode(line, WorkerCommand) for line in lines)

    def _flush(self) -> None:
        while self._has_outgoing():
            if not self._outgoing and self._progress is not None:
                self._outgoing.append(self._progress)
                self._progress = None
            line = self._outgoing[0]
            try:
                sent = self._connection.send(line)
            except BlockingIOError:
                return
            except OSError:
                self._outgoing.clear()
                self._progress = None
                return
            if sent < len(line):
                self._outgoing[0] = line[sent:]
                return
            self._outgoing.popleft()


def channel_pair() -> tuple[socket.socket, socket.socket]:
    """Return the supervisor's and the worker's end of a new control pipe."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
