"""One client of the supervisor: its outbox, its open requests, and what it may do."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from mnist_tui.training.protocol.messages import Reply, ServerMessage, encode, session_of

READ_TIMEOUT_S = 60.0
"""Seconds that a client may leave its messages unread."""
MAX_OUTBOX = 20_000
MAX_OPEN_REQUESTS = 64
"""Requests of one client that wait for an answer, or whose answer it has not taken."""


class Connection:
    """A client with an outbox in which the newest message about a session replaces the older."""

    def __init__(self, writer: asyncio.StreamWriter, pid: int | None) -> None:
        self.client = "?"
        self.pid = pid
        self.since = asyncio.get_running_loop().time()
        self.is_greeted = False
        self.is_subscribed = False
        self.may_only_leave = False
        self.open_requests: set[asyncio.Task[None]] = set()
        self._writer = writer
        self._outbox: OrderedDict[object, ServerMessage] = OrderedDict()
        self._has_mail = asyncio.Event()
        self._num_unanswered = 1  # the hello
        self._has_room = asyncio.Event()
        self._sending = asyncio.create_task(self._send_all())

    @property
    def by(self) -> str:
        """Name and process ID of the client, for the history."""
        return f"{self.client} pid {self.pid}" if self.pid else self.client

    def post(self, message: ServerMessage) -> None:
        """Send a message when the client takes it."""
        session_id = session_of(message)
        key = object() if session_id is None else session_id
        self._outbox.pop(key, None)
        self._outbox[key] = message
        self._has_mail.set()
        if len(self._outbox) > MAX_OUTBOX:
            self.drop()

    async def take_request(self) -> None:
        """Wait until there is room for one more request of a client that takes no answers."""
        while self._num_unanswered >= MAX_OPEN_REQUESTS and not self._sending.done():
            self._has_room.clear()
            await self._has_room.wait()
        self._num_unanswered += 1

    def drop(self) -> None:
        """Close the connection at once; the outbox is lost."""
        self._writer.transport.abort()

    async def flush(self, timeout_s: float = 1.0) -> None:
        """Wait until the outbox has been sent, as far as the client takes it in time."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._outbox and asyncio.get_running_loop().time() < deadline:
            if self._sending.done():
                return
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Close the connection and cancel its open requests."""
        for task in (*self.open_requests, self._sending):
            task.cancel()
        await asyncio.gather(*self.open_requests, self._sending, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _send_all(self) -> None:
        try:
            with suppress(OSError, TimeoutError):
                while True:
                    await self._has_mail.wait()
                    while self._outbox:
                        _key, message = self._outbox.popitem(last=False)
                        await self._send(message)
                    self._has_mail.clear()
            self.drop()
        finally:
            self._has_room.set()

    async def _send(self, message: ServerMessage) -> None:
        self._writer.write(encode(message))
        async with asyncio.timeout(READ_TIMEOUT_S):
            await self._writer.drain()
        if isinstance(message, Reply):
            self._num_unanswered -= 1
            self._has_room.set()


def refusal(request_id: int, sentence: str, problems: Any = ()) -> Reply:
    """Return a refusal as a reply."""
    return Reply(
        id=request_id,
        refusal=sentence,
        problems=[(problem.field, problem.message) for problem in problems],
    )
