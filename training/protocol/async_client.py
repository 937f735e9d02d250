"""How the user interface talks to the supervisor: the same messages without blocking."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.registry.record_pool import RecordPool
from mnist_tui.training.protocol.client import LOST, Unreachable, payload_of, why_unreachable
from mnist_tui.training.protocol.messages import (
    MAX_REPLY_BYTES,
    PROTOCOL_VERSION,
    Answer,
    AnyRequest,
    Event,
    Hello,
    ProtocolError,
    Subscribe,
    SubscriberMessage,
    WrittenRecords,
    decode,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord


class AsyncClient:
    """One connection; replies go to who asked, events to one callback."""

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
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._next_id = 0
        self._pool = RecordPool()
        self._told: list[SessionRecord] = []
        self._reading = asyncio.create_task(self._read(reader))

    @classmethod
    async def connect(
        cls, home: Home, client: str = "tui", *, on_event: Callable[[Event], None]
    ) -> AsyncClient:
        """Return a connection that has said hello.

        Raises:
            Unreachable: No supervisor listens there.
            Refused: It speaks another version.
        """
        home.require_ours()
        try:
            reader, writer = await asyncio.open_unix_connection(
                os.fspath(home.socket), limit=MAX_REPLY_BYTES
            )
        except OSError as error:
            raise Unreachable(why_unreachable(home, error)) from error
        made = cls(reader, writer, on_event)
        try:
            await made.request(Hello, version=PROTOCOL_VERSION, client=client)
        except BaseException:
            await made.close()
            raise
        return made

    async def request(self, kind: type[AnyRequest], **fields: Any) -> Any:
        """Send a request and return the payload of its reply.

        Raises:
            Refused: The supervisor said no.
            Unreachable: The connection was lost.
        """
        return msgspec.json.decode(await self._ask(kind, fields))

    async def subscribe(self, known: Mapping[int, SessionRecord]) -> list[SessionRecord]:
        """Return all records and be told of events from now on.

        They come in parts, so that thousands neither hold up the loop nor lie in memory as text.

        Args:
            known: Records by ID; one that is told unchanged stays the same object.

        Raises:
            Refused: The supervisor said no.
            Unreachable: The connection was lost.
        """
        self._pool, self._told = RecordPool(known), []
        await self._ask(Subscribe, {"is_in_parts": True})
        told, self._pool, self._told = self._told, RecordPool(), []
        return told

    async def _ask(self, kind: type[AnyRequest], fields: Mapping[str, Any]) -> msgspec.Raw:
        if self.closed.is_set():
            raise Unreachable(LOST)
        self._next_id += 1
        request_id = self._next_id
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        try:
            self._writer.write(encode(kind(id=request_id, **fields)))
            await self._writer.drain()
            return payload_of(await answer)
        except OSError as error:
            raise Unreachable(LOST) from error
        finally:
            self._waiting.pop(request_id, None)

    async def close(self) -> None:
        """Hang up and wait until that is done."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._hang_up()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while await self._take_line(reader):
                pass
        except (OSError, ValueError, ProtocolError):
            pass  # a broken line or connection ends it, as a closed one does
        finally:
            self._hang_up()

    async def _take_line(self, reader: asyncio.StreamReader) -> bool:
        """Take one message and keep nothing of it; return whether there was one."""
        line = await reader.readline()
        if not line:
            return False
        message = decode(line, SubscriberMessage)
        if isinstance(message, WrittenRecords):
            self._told += [self._pool.decode(record) for record in message.records]
        elif not isinstance(message, Answer):
            self._on_event(message)
        elif (answer := self._waiting.get(message.id)) and not answer.done():
            answer.set_result(message)
        return True

    def _hang_up(self) -> None:
        self.closed.set()
        self._writer.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unreachable(LOST))
