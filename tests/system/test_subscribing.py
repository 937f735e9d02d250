"""A screen that asks for all sessions: they come in parts, in order with what happens meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mnist_tui.training.protocol.async_client import AsyncClient
from mnist_tui.training.protocol.messages import SessionChanged
from mnist_tui.training.protocol.requests import Label, Subscribe
from mnist_tui.training.supervisor.service import PART_RECORDS
from tests.deadlines import patient
from tests.system.command import store

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from tests.harness import Workspace

NUM_STORED = 2 * PART_RECORDS + 3


def subscribed(workspace: Workspace, known: dict[int, SessionRecord]) -> list[SessionRecord]:
    async def subscribe() -> list[SessionRecord]:
        client = await AsyncClient.connect(workspace.home, on_event=lambda _: None)
        try:
            return await client.subscribe(known)
        finally:
            await client.close()

    return asyncio.run(subscribe())


def test_all_records_come_however_many_parts_they_take(workspace: Workspace) -> None:
    store(workspace.home, *(f"stored-{number}" for number in range(NUM_STORED)))
    told = workspace.client.records(Subscribe)
    assert len(told) == NUM_STORED
    assert subscribed(workspace, {}) == told


def test_what_is_known_and_unchanged_stays_the_same_object(workspace: Workspace) -> None:
    store(workspace.home, "changes", "stays")
    assert workspace.client  # starts the supervisor
    known = {record.id: record for record in subscribed(workspace, {})}
    workspace.client.request(Label, session_id=1, name="changed")
    changed, same = subscribed(workspace, known)
    assert changed.name == "changed"
    assert same is known[2]


def test_a_home_without_sessions_has_none_to_tell(workspace: Workspace) -> None:
    assert workspace.client.records(Subscribe) == []
    assert subscribed(workspace, {}) == []


def test_changes_after_subscribing_are_told(workspace: Workspace) -> None:
    store(workspace.home, "first")

    async def change() -> list[Any]:
        events: list[Any] = []
        client = await AsyncClient.connect(workspace.home, on_event=events.append)
        try:
            await client.subscribe({})
            await client.request(Label, session_id=1, name="second")
            async with asyncio.timeout(patient(10)):
                while not events:
                    await asyncio.sleep(0.01)
            return events
        finally:
            await client.close()

    assert workspace.client  # starts the supervisor
    (event,) = asyncio.run(change())
    assert isinstance(event, SessionChanged)
    assert event.record.name == "second"
