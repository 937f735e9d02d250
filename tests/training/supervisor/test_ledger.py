"""Order in which a change reaches the registry, the subscribers and the session's folder."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mnist_tui.storage import folders
from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.messages import Event, SessionChanged
from mnist_tui.training.supervisor.ledger import Ledger
from tests.deadlines import patient
from tests.storage.samples import sample_record

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNNING = sample_record(1, state=SessionState.RUNNING, generation=1)
PAUSED = replace(RUNNING, state=SessionState.PAUSED)


class Books:
    """A ledger with one running session, and the records that subscribers received."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.received: list[SessionRecord] = []
        home.prepare()
        self.ledger = Ledger(home, Registry.open(home), self._receive)
        self.ledger.add(RUNNING)

    def copy(self) -> SessionRecord:
        """Return the record in the session's folder."""
        return folders.read_session_copies(self.home).records[1]

    async def copied(self, record: SessionRecord) -> None:
        """Wait until the session's folder has a copy of a record."""
        async with asyncio.timeout(patient(10)):
            while self.copy() != record:
                await asyncio.sleep(0.005)

    def _receive(self, event: Event) -> None:
        if isinstance(event, SessionChanged):
            self.received.append(event.record)


@pytest.fixture
def books() -> Iterator[Books]:
    with tempfile.TemporaryDirectory(prefix="mt-") as folder:
        made = Books(Home(Path(folder)))
        yield made
        made.ledger.close()


async def test_a_change_is_durable_and_published_before_its_copy_is_written(books: Books) -> None:
    books.ledger.save_eventually(PAUSED)
    assert read_records(books.home) == [PAUSED]
    assert books.received[-1] == PAUSED
    assert books.copy() == RUNNING
    await books.copied(PAUSED)


async def test_of_many_changes_at_once_the_newest_is_copied(books: Books) -> None:
    books.ledger.save_eventually(PAUSED)
    books.ledger.commit(replace(PAUSED, note="newest"))
    await books.copied(replace(PAUSED, note="newest"))


async def test_a_session_has_its_copy_before_subscribers_hear_of_a_new_worker(books: Books) -> None:
    assert books.copy() == RUNNING, "a new session has one from the beginning"
    books.ledger.save_eventually(PAUSED)
    books.ledger.save_eventually(replace(RUNNING, generation=2))
    assert books.copy().generation == 2


async def test_what_goes_to_the_trash_has_its_newest_copy(books: Books) -> None:
    ended = replace(RUNNING, state=SessionState.KILLED)
    books.ledger.save_eventually(ended)
    books.ledger.remove(ended)
    (copy,) = books.home.trash.glob(f"*/{folders.SESSION_COPY}")
    assert b'"killed"' in copy.read_bytes()


async def test_closing_writes_the_copies_that_are_due(books: Books) -> None:
    books.ledger.save_eventually(PAUSED)
    books.ledger.close()
    assert books.copy() == PAUSED
    books.ledger = Ledger(books.home, Registry.open(books.home), lambda _: None)
