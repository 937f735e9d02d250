"""Session registry: TinyDB in memory over a journal and an atomic snapshot on disk.

Only the supervisor opens it. A change is one journal line, synced before it counts, so its cost
does not grow with the number of sessions. Clients without a supervisor use `registry_reader`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document

from mnist_tui.storage.atomic import reason, remove_leftovers, write_atomic
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import (
    discard_empty_folder,
    read_session_copies,
    session_ids,
    trashed_ids,
    unused_path,
)
from mnist_tui.storage.registry.journal import Journal
from mnist_tui.storage.registry.registry_reader import (
    META_ID,
    REGISTRY_FORMAT,
    Contents,
    JournalEntry,
    Meta,
    decode_change,
    load,
    previous_snapshot,
)

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord

MIN_COMPACTION_BYTES = 64 * 1024
MAX_NOTICES = 100


class SnapshotStorage(Storage):
    """TinyDB's tables in memory, written to disk by `save` alone."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._tables: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the tables."""
        return self._tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Take over the tables."""
        self._tables = data

    def save(self) -> int:
        """Replace the snapshot on disk, keep the one before, and return the bytes written."""
        content = msgspec.json.encode(self._tables)
        write_atomic(self._home.registry, content, previous=previous_snapshot(self._home))
        return len(content)


class Registry:
    """All sessions of one home; what `put` and `remove` return from is durable."""

    def __init__(self, home: Home, contents: Contents) -> None:
        """Take over what was loaded; `Registry.open` is the way in."""
        self._home = home
        self._journal = Journal(home.journal)
        self._storage = SnapshotStorage(home)
        self._database = TinyDB(storage=lambda: self._storage)
        self._sessions = self._database.table("sessions")
        # Decoding a document at every look would cost more than keeping the record beside it.
        self._records = dict(contents.records)
        self._sequence = contents.sequence
        self._next_id = contents.next_id
        self._compact_at = MIN_COMPACTION_BYTES
        self._notices: list[str] = []
        self._unsaved: set[int] = set()
        self._sessions.insert_multiple(
            Document(msgspec.to_builtins(record), record.id) for record in contents.records.values()
        )

    @classmethod
    def open(cls, home: Home) -> Registry:
        """Load the registry in `home`, recovering what is damaged; damaged files are kept.

        Raises:
            StorageError: The home cannot be used, or a newer version wrote the registry; nothing
                was changed then.
        """
        contents = load(home)
        try:
            notices = _set_aside(home, contents) + _add_missing(home, contents)
            remove_leftovers(home.path)
            taken = max([0, *session_ids(home), *trashed_ids(home)])
            contents.next_id = max(contents.next_id, taken + 1)
            registry = cls(home, contents)
            if contents.is_recovered or not home.registry.exists():
                registry._compact()
            else:
                registry._plan_compaction(home.registry.stat().st_size)
        except OSError as error:
            raise StorageError(
                f"The registry in {home.path} cannot be opened ({reason(error)});"
                " check the disk and the permissions, or choose another with --home DIR."
            ) from error
        registry._notices = notices
        return registry

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what the user should know: what was recovered, what could not be."""
        return tuple(self._notices)

    def new_id(self) -> int:
        """Return an ID that no session ever had and none will be given again.

        Raises:
            StorageError: It could not be recorded.
        """
        new_id = self._next_id
        self._append(f"session #{new_id}", next_id=new_id + 1)
        self._next_id = new_id + 1
        self._compact_when_due()
        return new_id

    def get(self, session_id: int) -> SessionRecord:
        """Return one record.

        Raises:
            KeyError: There is no such session.
        """
        return self._records[session_id]

    def all(self) -> list[SessionRecord]:
        """Return all records by ID."""
        return [self._records[session_id] for session_id in sorted(self._records)]

    def put(self, record: SessionRecord) -> None:
        """Add the record or replace the one with its ID; durable on return.

        Raises:
            StorageError: It could not be recorded; the registry is as it was.
        """
        stored = self._append(f"session #{record.id}", record=record).record
        assert stored is not None
        self._keep(stored)
        self._unsaved.discard(record.id)
        self._compact_when_due()

    def put_when_possible(self, record: SessionRecord) -> None:
        """Replace the record at once, and durably as soon as the disk takes it.

        For what has happened whether it can be written or not; `save_unsaved` tries again.
        """
        try:
            self.put(record)
        except StorageError as error:
            self._keep(record)
            self._unsaved.add(record.id)
            self._notices = [*self._notices[-MAX_NOTICES:], str(error)]

    def save_unsaved(self) -> bool:
        """Try to write what could not be; return whether everything is on disk now."""
        for session_id in list(self._unsaved):
            try:
                self.put(self._records[session_id])
            except StorageError:
                return False
        return True

    def remove(self, session_id: int) -> None:
        """Forget one session; durable on return. Its ID is never given again.

        Raises:
            KeyError: There is no such session.
            StorageError: It could not be recorded; the registry is as it was.
        """
        if session_id not in self._records:
            raise KeyError(session_id)
        self._append(f"session #{session_id}", removed=session_id)
        del self._records[session_id]
        self._unsaved.discard(session_id)
        self._sessions.remove(doc_ids=[session_id])
        self._compact_when_due()

    def close(self) -> None:
        """Close the files; everything is on disk already."""
        self._database.close()
        self._journal.close()

    def _keep(self, record: SessionRecord) -> None:
        self._records[record.id] = record
        self._sessions.upsert(Document(msgspec.to_builtins(record), record.id))
        self._next_id = max(self._next_id, record.id + 1)

    def _append(
        self,
        what: str,
        *,
        record: SessionRecord | None = None,
        removed: int | None = None,
        next_id: int | None = None,
    ) -> JournalEntry:
        """Make one change durable and return it as reading it back gives it."""
        try:
            if self._journal.is_broken:
                # What failed to be appended may be in the file all the same: make it an old change.
                self._sequence += 1
                self._compact()
            change = JournalEntry(
                format=REGISTRY_FORMAT,
                sequence=self._sequence + 1,
                record=record,
                removed=removed,
                next_id=next_id,
            )
            payload = msgspec.json.encode(change)
            stored = decode_change(payload)
            self._journal.append(payload)
        except OSError as error:
            raise StorageError(
                f"The change to {what} could not be saved in {self._journal.path}"
                f" ({reason(error)}); make room or check the disk, then try again."
            ) from error
        self._sequence = stored.sequence
        return stored

    def _compact_when_due(self) -> None:
        if self._journal.num_bytes <= self._compact_at:
            return
        try:
            self._compact()
        except OSError as error:
            # The change itself is safe in the journal: go on and try again later.
            self._compact_at += self._journal.num_bytes
            self._notices.append(
                f"The registry {self._home.registry} could not be rewritten ({reason(error)});"
                " changes are still saved in its journal, but make room on that disk."
            )

    def _compact(self) -> None:
        """Write the snapshot, then empty the journal.

        A crash in between is harmless: the snapshot's sequence number makes its changes old.
        """
        meta = Meta(format=REGISTRY_FORMAT, sequence=self._sequence, next_id=self._next_id)
        self._database.table("meta").upsert(Document(msgspec.to_builtins(meta), META_ID))
        num_bytes = self._storage.save()
        self._journal.reset()
        self._plan_compaction(num_bytes)

    def _plan_compaction(self, num_snapshot_bytes: int) -> None:
        self._compact_at = max(MIN_COMPACTION_BYTES, num_snapshot_bytes)


def _set_aside(home: Home, contents: Contents) -> list[str]:
    """Keep damaged files under other names and return what the user should know."""
    notices = []
    for path in contents.damaged:
        kept = _keep(path, is_in_use=path == home.journal)
        notices.append(f"{path} was damaged and is kept as {kept.name}.")
    if contents.source:
        if home.registry not in contents.damaged:
            notices.append(f"{home.registry} was missing.")
        notices.append(
            f"The registry was rebuilt from {contents.source}:"
            f" sessions recovered: {len(contents.records):,}."
        )
    elif contents.is_recovered:
        notices.append(
            "The newest changes of some sessions may be missing; check their state before you"
            " resume them."
        )
    notices += [
        f"The session in {copy.parent} could not be recovered, because its {copy.name} is missing"
        " or damaged; its metrics and checkpoints are untouched."
        for copy in contents.unreadable
        if int(copy.parent.name) not in contents.records
    ]
    return notices


def _add_missing(home: Home, contents: Contents) -> list[str]:
    """Add sessions that only their folders know, as after a journal that lost its end."""
    missing = [session_id for session_id in session_ids(home) if session_id not in contents.records]
    found = read_session_copies(home, missing).records
    contents.records |= found
    contents.is_recovered |= bool(found)
    for session_id in set(missing) - found.keys():
        discard_empty_folder(home, session_id)  # its creation was never completed
    return [
        f"Session #{session_id} was missing from the registry; it was added from its folder."
        for session_id in found
    ]


def _keep(path: Path, *, is_in_use: bool) -> Path:
    """Move a damaged file aside, or copy the one that must stay until a snapshot holds it."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = unused_path(path.with_name(f"{path.name}.damaged-{time}"))
    if is_in_use:
        write_atomic(kept, path.read_bytes())
    else:
        path.rename(kept)
    return kept
