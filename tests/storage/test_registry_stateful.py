from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mnist_tui.storage.home import Home
from mnist_tui.storage.records import SessionRecord, SessionState
from mnist_tui.storage.registry.registry import Registry
from mnist_tui.storage.registry.registry_reader import read_records
from tests.storage.conftest import MEMORY
from tests.storage.samples import full_disk, sample_record

LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class RegistryAgainstDict(RuleBasedStateMachine):
    """A registry does what a dict does, and goes on doing it after every kind of restart."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(Path(tempfile.mkdtemp(dir=MEMORY if os.access(MEMORY, os.W_OK) else None)))
        self.expected: dict[int, SessionRecord] = {}
        self.given: set[int] = set()
        self.registry = Registry.open(self.home)

    @rule(name=LABELS, tags=st.lists(LABELS, max_size=3), state=st.sampled_from(SessionState))
    def create(self, name: str, tags: list[str], state: SessionState) -> None:
        session_id = self.registry.new_id()
        assert session_id not in self.given
        self.given.add(session_id)
        self._put(sample_record(session_id, name=name, tags=tuple(tags), state=state))

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), step=st.integers(0, 2**53), loss=st.none() | st.floats(0, 10))
    def change(self, data: st.DataObject, step: int, loss: float | None) -> None:
        session_id = data.draw(st.sampled_from(sorted(self.expected)))
        self._put(sample_record(session_id, step=step, fingerprint={"loss": loss}))

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(sorted(self.expected)))
        self.registry.remove(session_id)
        del self.expected[session_id]

    @rule()
    def reopen(self) -> None:
        self.registry.close()
        self.registry = Registry.open(self.home)
        assert self.registry.notices == ()

    @rule(half=st.binary(min_size=1, max_size=30))
    def crash_in_the_middle_of_a_line(self, half: bytes) -> None:
        self.registry.close()
        with self.home.journal.open("ab") as file:
            file.write(half.replace(b"\n", b""))
        self.registry = Registry.open(self.home)
        assert self.registry.notices == ()

    @rule()
    def compact(self) -> None:
        self.registry._compact()

    @rule()
    def crash_between_snapshot_and_reset(self) -> None:
        journal = self.home.journal.read_bytes()
        self.registry._compact()
        self.registry.close()
        self.home.journal.write_bytes(journal)
        self.registry = Registry.open(self.home)

    @rule(room=st.integers(0, 200))
    def disk_full(self, room: int) -> None:
        size = self.home.journal.stat().st_size
        with full_disk(size + room), pytest.raises(Exception, match="could not be saved"):
            self.registry.put(sample_record(1, note="refused"))

    @invariant()
    def shows_what_the_dict_shows(self) -> None:
        expected = [self.expected[session_id] for session_id in sorted(self.expected)]
        assert self.registry.all() == expected
        assert read_records(self.home) == expected

    def teardown(self) -> None:
        self.registry.close()
        shutil.rmtree(self.home.path)

    def _put(self, record: SessionRecord) -> None:
        self.registry.put(record)
        self.expected[record.id] = record


RegistryAgainstDict.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None
)
TestRegistry = RegistryAgainstDict.TestCase
