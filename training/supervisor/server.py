"""The supervisor's socket: who may connect, what a line may be, and what each client is sent.

A client that sends nonsense is told so and hung up on; one that never reads is dropped. Neither
holds up anybody else.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.protocol.messages import (
    ANY_VERSION,
    MAX_REQUEST_BYTES,
    PROTOCOL_VERSION,
    AnyRequest,
    Event,
    Hello,
    ProtocolError,
    Reply,
    ServerMessage,
    Shutdown,
    Subscribe,
    decode_request,
    encode,
    session_of,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from mnist_tui.storage.home import Home

log = logging.getLogger("supervisor")

HELLO_TIMEOUT_S = 5.0
LINE_TIMEOUT_S = 5.0
"""How long a request may take to arrive once it has begun."""
READ_TIMEOUT_S = 60.0
"""How long a client may leave what it is sent unread."""
MAX_CONNECTIONS = 64
"""Of those that have said hello; as many more may be about to."""
MAX_OUTBOX = 20_000
MAX_OPEN_REQUESTS = 64
"""Requests of one client that wait for an answer, or whose answer it has not taken."""


class SocketError(OSError):
    """The socket cannot be made; the text is a sentence for the user."""


class Connection:
    """One client: an outbox in which the newest news of a session replaces the older."""

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
        """Who this is, for the history."""
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
        """Wait until there is room for one more request; a client that takes no answer waits."""
        while self._num_unanswered >= MAX_OPEN_REQUESTS and not self._sending.done():
            self._has_room.clear()
            await self._has_room.wait()
        self._num_unanswered += 1

    def drop(self) -> None:
        """Hang up at once; what is in the outbox is lost."""
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
        self._identity: tuple[int, int] | None = None
        """Device and inode of the socket that we bound."""

    async def listen(self) -> None:
        """Bind the socket; only the holder of the supervisor's lock may call this."""
        path = self._home.socket
        mask = os.umask(0o177)
        try:
            path.unlink(missing_ok=True)
            self._listener = await asyncio.start_unix_server(
                self._serve, path, limit=MAX_REQUEST_BYTES, backlog=128
            )
            self._identity = _identity(path)
        except OSError as error:
            raise SocketError(
                f"The socket {path} cannot be made ({error.strerror or error});"
                " check the disk and the permissions of its folder."
            ) from error
        finally:
            os.umask(mask)

    async def keep_listening(self) -> None:
        """Bind the socket again if its path is gone, as after a clean-up of old files."""
        if _identity(self._home.socket) == self._identity or not self._home.path.exists():
            return
        log.warning("%s was removed; it is made again", self._home.socket)
        try:
            self._home.prepare()
            if self._listener:
                self._listener.close()
            await self.listen()
        except (SocketError, StorageError) as error:
            log.warning("%s", error)

    def publish(self, event: Event) -> None:
        """Send an event to every subscriber."""
        for connection in self.connections:
            if connection.is_subscribed:
                connection.post(event)

    def stop_listening(self) -> None:
        """Accept nobody new; whoever tries now starts the next supervisor."""
        if self._listener:
            self._listener.close()
        if self._identity is not None and _identity(self._home.socket) == self._identity:
            with suppress(OSError):  # one that stays harms nobody
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
        if uid not in (None, os.getuid()):
            writer.close()
            return
        self._make_room_for_stranger()
        conversation = asyncio.current_task()
        assert conversation is not None
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)
        connection = Connection(writer, pid)
        self.connections.add(connection)
        self.had_clients = True
        try:
            await self._converse(reader, connection)
        except (OSError, ValueError) as error:
            connection.post(
                Reply(id=0, refusal=f"Bad request ({error}); the connection is closed.")
            )
            await connection.flush()
        finally:
            await connection.close()
            self.connections.discard(connection)

    def _make_room_for_stranger(self) -> None:
        """Drop the client that has kept silent longest, so that many such lock nobody out."""
        strangers = [one for one in self.connections if not one.is_greeted]
        if len(strangers) >= MAX_CONNECTIONS:
            oldest = min(strangers, key=lambda one: one.since)
            self.connections.discard(oldest)
            oldest.drop()

    async def _converse(self, reader: asyncio.StreamReader, connection: Connection) -> None:
        line = await _line_within(reader, HELLO_TIMEOUT_S)
        if not line:
            return
        hello = decode_request(line)
        if not isinstance(hello, Hello):
            raise ProtocolError("say hello first")
        connection.client = hello.client[:32]
        if (sentence := self._why_not(hello)) is not None:
            connection.post(Reply(id=hello.id, refusal=sentence))
            await connection.flush()
            return
        connection.is_greeted = True
        connection.may_only_leave = hello.version == ANY_VERSION
        payload = {"version": PROTOCOL_VERSION, "pid": os.getpid(), "home": str(self._home.path)}
        connection.post(Reply(id=hello.id, payload=payload))
        while line := await _next_line(reader):
            request = decode_request(line)
            await connection.take_request()
            if isinstance(request, Subscribe) and not connection.may_only_leave:
                connection.is_subscribed = True
            task = asyncio.create_task(self._answer(request, connection))
            connection.open_requests.add(task)
            task.add_done_callback(connection.open_requests.discard)

    def _why_not(self, hello: Hello) -> str | None:
        """Return why a client cannot be served, None where it can."""
        if hello.version not in (PROTOCOL_VERSION, ANY_VERSION):
            return _other_version(hello.version)
        if sum(one.is_greeted for one in self.connections) >= MAX_CONNECTIONS:
            return f"{MAX_CONNECTIONS} clients are connected already; close one and try again."
        return None

    async def _answer(self, request: AnyRequest, connection: Connection) -> None:
        if connection.may_only_leave and not isinstance(request, Shutdown):
            connection.post(refusal(request.id, _other_version(ANY_VERSION)))
        else:
            connection.post(await self._handle(request, connection))


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """Return the next whole line, empty where the client has gone; half a line is no request.

    Raises:
        ProtocolError: A line has begun and does not end.
        ValueError: It is too long.
    """
    line = await reader.read(1)
    if line and line != b"\n":
        line += await _line_within(reader, LINE_TIMEOUT_S)
    return line if line.endswith(b"\n") else b""


async def _line_within(reader: asyncio.StreamReader, timeout_s: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_s):
            return await reader.readline()
    except TimeoutError as error:
        raise ProtocolError(f"no whole line within {timeout_s:g} s") from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


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
        f"Run `mnist-tui supervisor restart`: it speaks protocol {PROTOCOL_VERSION}, this client"
        f" {version} (training saves and goes on)."
    )


def refusal(request_id: int, sentence: str, problems: Any = ()) -> Reply:
    """Return a refusal as a reply."""
    return Reply(
        id=request_id,
        refusal=sentence,
        problems=[(problem.field, problem.message) for problem in problems],
    )
