"""Asyncio client of the supervisor, for the user interface: the same protocol without blocking."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.registry.record_pool import RecordPool
from mnist_tui.training.protocol.client import (
    CHUNK_BYTES,
    LOST,
    ClientCore,
    Unreachable,
    payload_of,
    unreachable,
)
from mnist_tui.training.protocol.messages import (
    PROTOCOL_VERSION,
    Answer,
    Event,
    ProtocolError,
    WrittenRecords,
)
from mnist_tui.training.protocol.requests import AnyRequest, Hello, Subscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord


class AsyncClient:
    """A connection that awaits replies and passes events to one callback."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_event: Callable[[Event], None],
    ) -> None:
        self.closed = asyncio.Event()
        """Set once the connection is gone."""
        self._writer = writer
        self._on_event = on_event
        self._core = ClientCore()
        self._answers: set[asyncio.Future[Answer]] = set()
        self._pool = RecordPool()
        self._received: list[SessionRecord] = []
        self._reading = asyncio.create_task(self._read(reader))

    @classmethod
    async def connect(
        cls, home: Home, client: str = "tui", *, on_event: Callable[[Event], None]
    ) -> AsyncClient:
        """Return a connection after the exchange of hello.

        Raises:
            Unreachable: No supervisor listens there.
            Refused: It speaks another version.
            StorageError: The home belongs to another user.
        """
        home.require_ours()
        try:
            reader, writer = await asyncio.open_unix_connection(os.fspath(home.socket))
        except OSError as error:
            raise unreachable(home, error) from error
        connected = cls(reader, writer, on_event)
        try:
            await connected.request(Hello, version=PROTOCOL_VERSION, client=client)
        except BaseException:
            await connected.close()
            raise
        return connected

    async def request(self, kind: type[AnyRequest], **fields: Any) -> Any:
        """Send a request and return the payload of its reply.

        Raises:
            Refused: The supervisor refused it.
            Unreachable: The connection was lost.
        """
        return msgspec.json.decode(await self._payload(kind, fields))

    async def subscribe(self, known: Mapping[int, SessionRecord]) -> list[SessionRecord]:
        """Return all records and receive events from now on.

        Records come in parts, so that thousands of them neither block the event loop nor occupy
        memory as text.

        Args:
            known: Records by ID; an unchanged record stays the same object.

        Raises:
            Refused: The supervisor refused it.
            Unreachable: The connection was lost.
        """
        self._pool, self._received = RecordPool(known), []
        await self._payload(Subscribe, {"is_in_parts": True})
        records, self._pool, self._received = self._received, RecordPool(), []
        return records

    async def _payload(self, kind: type[AnyRequest], fields: dict[str, Any]) -> msgspec.Raw:
        if self.closed.is_set():
            raise Unreachable(LOST)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers.add(answer)

        def set_answer(received: Answer) -> None:
            if not answer.done():  # the caller may have been cancelled
                answer.set_result(received)

        try:
            self._writer.write(self._core.request(kind, fields, set_answer))
            await self._writer.drain()
            return payload_of(await answer)
        except OSError as error:
            raise Unreachable(LOST) from error
        finally:
            self._answers.discard(answer)

    async def close(self) -> None:
        """Close the connection and wait until that is done."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._hang_up()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while not reader.at_eof():
                self._core.feed(await reader.read(CHUNK_BYTES))
                while self._take_message():
                    pass
        except (OSError, ProtocolError):
            pass  # a broken line or connection ends it, like a closed one
        finally:
            self._hang_up()

    def _take_message(self) -> bool:
        """Process one message without keeping any of its text; return False if there is none."""
        message = self._core.next_message()
        if isinstance(message, WrittenRecords):
            self._received += [self._pool.decode(record) for record in message.records]
        elif isinstance(message, Event):
            self._on_event(message)
        return message is not None

    def _hang_up(self) -> None:
        self.closed.set()
        self._writer.close()
        for answer in self._answers:
            if not answer.done():
                answer.set_exception(Unreachable(LOST))
