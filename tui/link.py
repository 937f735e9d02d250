"""The one connection of the screen to the supervisor: kept up, subscribed, told to the app."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from storage.errors import StorageError
from training.async_client import AsyncClient
from training.client import LOST, Refused, Unreachable, as_records
from training.protocol import AnyRequest, Subscribe
from training.starting import ensure_supervisor
from tui.messages import Connected, Disconnected, EventReceived

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from storage.home import Home

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0


class Link:
    """Starts a supervisor where none runs, connects, and connects again when it is lost."""

    def __init__(self, home: Home, tell: Callable[[Message], object]) -> None:
        self._home = home
        self._tell = tell
        self._client: AsyncClient | None = None

    async def run(self) -> None:
        """Keep the connection until cancelled; tells Connected, EventReceived and Disconnected."""
        delay_s = FIRST_DELAY_S
        while True:
            try:
                await self._connect()
                delay_s = FIRST_DELAY_S
                await self._hold()
                sentence = LOST
            except (Unreachable, Refused, StorageError) as error:
                sentence = str(error)
            finally:
                await self._drop()
            self._tell(Disconnected(sentence))
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def request(self, kind: type[AnyRequest], **fields: Any) -> Any:
        """Send a request and return the payload of its reply.

        Raises:
            Refused: The supervisor said no.
            Unreachable: There is no connection, or it was lost meanwhile.
        """
        if self._client is None:
            raise Unreachable("The supervisor is not connected yet; try again in a moment.")
        return await self._client.request(kind, **fields)

    async def _connect(self) -> None:
        def tell_event(event: Any) -> None:
            self._tell(EventReceived(event))

        try:
            client = await AsyncClient.connect(self._home, on_event=tell_event)
        except Unreachable:
            await asyncio.to_thread(ensure_supervisor, self._home)
            client = await AsyncClient.connect(self._home, on_event=tell_event)
        self._client = client
        self._tell(Connected(as_records(await client.request(Subscribe))))

    async def _hold(self) -> None:
        assert self._client is not None
        await self._client.closed.wait()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
