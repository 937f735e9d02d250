"""The supervisor's socket: who may connect, what a line may be, and what each client is sent.

A client that sends nonsense is told so and hung up on; one that never reads is dropped. Neither
holds up anybody else.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from training.protocol import (
    MAX_REQUEST_BYTES,
    PROTOCOL_VERSION,
    AnyRequest,
    Event,
    Hello,
    ProtocolError,
    Reply,
    ServerMessage,
    SessionChanged,
    SessionRemoved,
    Subscribe,
    decode,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.home import Home

HELLO_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
"""How long a client may leave what it is sent unread."""
MAX_CONNECTIONS = 64
MAX_OUTBOX = 20_000
MAX_OPEN_REQUESTS = 64


class Connection:
    """One client: an outbox in which the newest news of a session replaces the older."""

    def __init__(self, writer: asyncio.StreamWriter, pid: int | None) -> None:
        self.client = "?"
        self.pid = pid
        self.is_subscribed = False
        self.open_requests: set[asyncio.Task[None]] = set()
        self._writer = writer
        self._outbox: OrderedDict[object, ServerMessage] = OrderedDict()
        self._has_mail = asyncio.Event()
        self._sending = asyncio.create_task(self._send_all())

    @property
    def by(self) -> str:
        """Who this is, for the history."""
        return f"{self.client} pid {self.pid}" if self.pid else self.client

    def post(self, message: ServerMessage) -> None:
        """Send a message when the client takes it."""
        key = _outbox_key(message)
        self._outbox.pop(key, None)
        self._outbox[key] = message
        self._has_mail.set()
        if len(self._outbox) > MAX_OUTBOX:
            self._writer.transport.abort()

    async def flush(self, timeout_s: float = 1.0) -> None:
        """Wait until the outbox has been sent, as far as the client takes it in time."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._outbox and asyncio.get_running_loop().time() < deadline:
            if self._sending.done():
                return
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Hang up; requests that still wait are given up."""
        for task in (*self.open_requests, self._sending):
            task.cancel()
        await asyncio.gather(*self.open_requests, self._sending, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _send_all(self) -> None:
        with suppress(OSError, TimeoutError):
            while True:
                await self._has_mail.wait()
                while self._outbox:
                    _key, message = self._outbox.popitem(last=False)
                    self._writer.write(encode(message))
                    async with asyncio.timeout(READ_TIMEOUT_S):
                        await self._writer.drain()
                self._has_mail.clear()
        self._writer.transport.abort()


class Server:
    """Accepts clients, reads their requests and publishes events to those that subscribed."""

    def __init__(
        self,
        home: Home,
        handle: Callable[[AnyRequest, Connection], Awaitable[Reply]],
    ) -> None:
        self.connections: set[Connection] = set()
        self.had_clients = False
        self._home = home
        self._handle = handle
        self._conversations: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._inode: int | None = None

    async def listen(self) -> None:
        """Bind the socket; only the holder of the supervisor's lock may call this."""
        path = self._home.socket
        path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._listener = await asyncio.start_unix_server(
                self._serve, path, limit=MAX_REQUEST_BYTES, backlog=128
            )
        finally:
            os.umask(mask)
        self._inode = path.stat().st_ino

    def publish(self, event: Event) -> None:
        """Send an event to every subscriber."""
        for connection in self.connections:
            if connection.is_subscribed:
                connection.post(event)

    def stop_listening(self) -> None:
        """Accept nobody new; whoever tries now starts the next supervisor."""
        if self._listener:
            self._listener.close()
        with suppress(FileNotFoundError):
            if self._home.socket.stat().st_ino == self._inode:
                self._home.socket.unlink()

    async def close(self, farewell: Event) -> None:
        """Say farewell to every client and hang up."""
        for connection in list(self.connections):
            connection.post(farewell)
            await connection.flush()
            await connection.close()
        if self._conversations:
            await asyncio.wait(self._conversations, timeout=1.0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid, pid = _peer(writer.get_extra_info("socket"))
        if uid not in (None, os.getuid()) or len(self.connections) >= MAX_CONNECTIONS:
            writer.close()
            return
        conversation = asyncio.current_task()
        assert conversation is not None
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)
        connection = Connection(writer, pid)
        self.connections.add(connection)
        self.had_clients = True
        try:
            await self._converse(reader, connection)
        except (OSError, ProtocolError, ValueError, TimeoutError) as error:
            connection.post(
                Reply(id=0, refusal=f"Bad request ({error}); the connection is closed.")
            )
            await connection.flush()
        finally:
            await connection.close()
            self.connections.discard(connection)

    async def _converse(self, reader: asyncio.StreamReader, connection: Connection) -> None:
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            hello = decode(await reader.readline(), AnyRequest)
        if not isinstance(hello, Hello):
            raise ProtocolError("say hello first")
        connection.client = hello.client[:32]
        if hello.version != PROTOCOL_VERSION:
            connection.post(Reply(id=hello.id, refusal=_other_version(hello.version)))
            await connection.flush()
            return
        payload = {"version": PROTOCOL_VERSION, "pid": os.getpid(), "home": str(self._home.path)}
        connection.post(Reply(id=hello.id, payload=payload))
        while line := await reader.readline():
            request = decode(line, AnyRequest)
            if len(connection.open_requests) >= MAX_OPEN_REQUESTS:
                raise ProtocolError("too many requests at once")
            if isinstance(request, Subscribe):
                connection.is_subscribed = True
            task = asyncio.create_task(self._answer(request, connection))
            connection.open_requests.add(task)
            task.add_done_callback(connection.open_requests.discard)

    async def _answer(self, request: AnyRequest, connection: Connection) -> None:
        connection.post(await self._handle(request, connection))


def _outbox_key(message: ServerMessage) -> object:
    match message:
        case SessionChanged(record=record):
            return record.id
        case SessionRemoved(session_id=session_id):
            return session_id
        case _:
            return object()


def _peer(connection: socket.socket) -> tuple[int | None, int | None]:
    """Return uid and pid of whoever connected; None where the system does not say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None, None
    layout = "3i"
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(layout))
    pid, uid, _gid = struct.unpack(layout, raw)
    return uid, pid


def _other_version(version: int) -> str:
    return (
        f"This client speaks protocol {version}, the running supervisor {PROTOCOL_VERSION};"
        " run `mnist-tui supervisor restart` (training saves and goes on)."
    )


def refusal(request_id: int, sentence: str, problems: Any = ()) -> Reply:
    """Return a refusal as a reply."""
    return Reply(
        id=request_id,
        refusal=sentence,
        problems=[(problem.field, problem.message) for problem in problems],
    )
