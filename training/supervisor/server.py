"""The supervisor's socket: accepts clients, reads their requests, and publishes events.

A client that sends nonsense gets a refusal and is disconnected; one that never reads is dropped.
Neither holds up the others.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.protocol.messages import (
    ANY_VERSION,
    MAX_REQUEST_BYTES,
    PROTOCOL_VERSION,
    Event,
    ProtocolError,
    Reply,
)
from mnist_tui.training.protocol.requests import (
    AnyRequest,
    Hello,
    Shutdown,
    Subscribe,
    decode_request,
)
from mnist_tui.training.supervisor.connection import Connection, refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from mnist_tui.storage.home import Home

log = logging.getLogger("supervisor")

HELLO_TIMEOUT_S = 5.0
LINE_TIMEOUT_S = 5.0
"""Seconds that a request may take to arrive once it has begun."""
MAX_CONNECTIONS = 64
"""Limit of greeted clients; as many more may be about to send their hello."""


class SocketError(OSError):
    """The socket cannot be made; the text is a sentence for the user."""


class Server:
    """The listening socket and every connection."""

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
        """Device and inode of the bound socket."""

    async def listen(self) -> None:
        """Bind the socket; only the holder of the supervisor's lock may do so."""
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
        """Accept no new client; one that tries to connect starts the next supervisor."""
        if self._listener:
            self._listener.close()
        if self._identity is not None and _identity(self._home.socket) == self._identity:
            with suppress(OSError):  # a socket that stays does no harm
                self._home.socket.unlink()

    async def close(self, last_event: Event) -> None:
        """Send every client a last event and close its connection."""
        for connection in list(self.connections):
            connection.post(last_event)
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
        """Drop the client that has been silent longest, so that silent ones lock nobody out."""
        strangers = [client for client in self.connections if not client.is_greeted]
        if len(strangers) >= MAX_CONNECTIONS:
            oldest = min(strangers, key=lambda client: client.since)
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
        """Return why a client cannot be served, or None."""
        if hello.version not in (PROTOCOL_VERSION, ANY_VERSION):
            return _other_version(hello.version)
        if sum(client.is_greeted for client in self.connections) >= MAX_CONNECTIONS:
            return f"{MAX_CONNECTIONS} clients are connected already; close one and try again."
        return None

    async def _answer(self, request: AnyRequest, connection: Connection) -> None:
        if connection.may_only_leave and not isinstance(request, Shutdown):
            connection.post(refusal(request.id, _other_version(ANY_VERSION)))
        else:
            connection.post(await self._handle(request, connection))


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """Return the next whole line, or nothing if the client has gone; half a line is no request.

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
    """Return uid and pid of the client; None if the system does not reveal them."""
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
