"""The connection of the app to the supervisor: maintained, subscribed, and reported by messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.errors import StorageError
from mnist_tui.training.protocol.async_client import AsyncClient
from mnist_tui.training.protocol.client import LOST, Refused, Unreachable
from mnist_tui.training.protocol.start_supervisor import ensure_supervisor
from mnist_tui.tui.state.messages import Connected, Disconnected, EventReceived

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.message import Message

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.training.protocol.requests import AnyRequest

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0


class Link:
    """Connection that starts a supervisor if none runs, and reconnects when it is lost."""

    def __init__(
        self,
        home: Home,
        post: Callable[[Message], object],
        known: Callable[[], Mapping[int, SessionRecord]] = dict,
    ) -> None:
        """Create an unconnected link.

        Args:
            home: The home of the supervisor.
            post: Receives the messages.
            known: The records of the owner, by ID; an unchanged record stays the same object.
        """
        self._home = home
        self._post = post
        self._known = known
        self._client: AsyncClient | None = None
        self._early: list[Event] | None = None
        """Events that came before all records, which must not replace them."""

    async def run(self) -> None:
        """Keep the connection until cancelled; posts Connected, EventReceived and Disconnected."""
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
            self._post(Disconnected(sentence))
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)

    async def request(self, kind: type[AnyRequest], **fields: Any) -> Any:
        """Send a request and return the payload of its reply.

        Raises:
            Refused: The supervisor refused it.
            Unreachable: There is no connection, or it was lost meanwhile.
        """
        if self._client is None:
            raise Unreachable("The supervisor is not connected yet; try again in a moment.")
        return await self._client.request(kind, **fields)

    async def _connect(self) -> None:
        self._early = []
        try:
            client = await AsyncClient.connect(self._home, on_event=self._take)
        except Unreachable:
            await asyncio.to_thread(ensure_supervisor, self._home)
            client = await AsyncClient.connect(self._home, on_event=self._take)
        self._client = client
        self._post(Connected(await client.subscribe(self._known())))
        early, self._early = self._early, None
        for event in early:
            self._post(EventReceived(event))

    def _take(self, event: Event) -> None:
        if self._early is None:
            self._post(EventReceived(event))
        else:
            self._early.append(event)

    async def _hold(self) -> None:
        assert self._client is not None
        await self._client.closed.wait()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
