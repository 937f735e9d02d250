"""Reader of the registry's files, for the supervisor that owns them and for clients without one.

Nothing here writes, and nothing imports TinyDB. The journal is read before the snapshot: whatever
a compaction moves from one to the other in between is then in the snapshot.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from mmap import mmap
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from mnist_tui.storage.atomic import reason
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.folders import read_session_copies, session_ids, trashed_ids
from mnist_tui.storage.lines import UNREADABLE, newer_format
from mnist_tui.storage.records import RECORD_FORMAT, Position, SessionRecord
from mnist_tui.storage.registry import journal
from mnist_tui.storage.registry.record_pool import RecordPool

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.storage.home import Home

REGISTRY_FORMAT = 1
META_ID = 1
"""The only document of the table `meta`."""


class Meta(Struct, frozen=True, kw_only=True):
    """Header of a snapshot."""

    format: int
    sequence: int
    """Number of the last change it contains."""
    next_id: int
    """The smallest ID that no session ever had."""


class RegistrySnapshot(Struct, frozen=True, kw_only=True):
    """`registry.json`: TinyDB's layout, tables of documents by their ID."""

    sessions: dict[int, SessionRecord]
    meta: dict[int, Meta]


class _WrittenSnapshot(Struct, frozen=True, kw_only=True):
    """A snapshot whose records are decoded one by one."""

    sessions: dict[int, Raw]
    meta: dict[int, Meta]


class JournalEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the journal: a record put, a session removed, or an ID given away."""

    format: int
    sequence: int
    record: SessionRecord | None = None
    removed: int | None = None
    next_id: int | None = None


@dataclass
class Contents:
    """Content of a registry as read from its files."""

    records: dict[int, SessionRecord] = field(default_factory=dict)
    sequence: int = 0
    next_id: int = 1
    is_recovered: bool = False
    """The snapshot or the journal was not sound; the session folders were asked too."""
    source: str = ""
    """Source from which a missing snapshot was recovered, in words."""
    damaged: list[Path] = field(default_factory=list)
    """Files to be moved aside before anything is written."""
    unreadable: list[Path] = field(default_factory=list)
    """Copies in session folders that could not be recovered from."""


class _Version(Struct, frozen=True):
    format: int = 0


class _Versions(Struct):
    """Only the versions in a snapshot or a change, where the rest may not decode."""

    format: int = 0
    record: _Version = _Version()
    sessions: dict[str, _Version] = {}
    meta: dict[str, _Version] = {}


class _Damaged:
    """A snapshot that is there but cannot be read."""


_snapshot_decoder = msgspec.json.Decoder(_WrittenSnapshot)
_change_decoder = msgspec.json.Decoder(JournalEntry)
_versions_decoder = msgspec.json.Decoder(_Versions)


def read_records(home: Home) -> list[SessionRecord]:
    """Return all records by ID; none if there is no home yet.

    Raises:
        StorageError: The files cannot be read or come from a newer version.
    """
    records = load(home).records
    return [records[session_id] for session_id in sorted(records)]


def load(home: Home) -> Contents:
    """Read the registry in `home`, recovering what is damaged from what is not.

    Raises:
        StorageError: The files cannot be read or come from a newer version.
    """
    pool = RecordPool()
    try:
        changes, is_journal_damaged = _read_changes(home.journal, pool)
        snapshot = _read_snapshot(home.registry, pool)
        is_fresh = snapshot is None and not changes and not _has_traces(home)
        if is_fresh:
            contents = Contents()
        elif isinstance(snapshot, RegistrySnapshot) and not is_journal_damaged:
            contents = _from_snapshot(snapshot)
        else:
            contents = _recover(home, snapshot, pool)
    except OSError as error:
        raise StorageError(
            f"The registry in {home.path} cannot be read ({reason(error)});"
            " check its permissions or choose another with --home DIR."
        ) from error
    if is_journal_damaged:
        contents.damaged.append(home.journal)
    for change in changes:
        _apply(contents, change)
    contents.next_id = max(contents.next_id, max(contents.records, default=0) + 1)
    return contents


def decode_change(payload: bytes) -> JournalEntry:
    """Return the change in a journal line.

    Raises:
        msgspec.DecodeError: It is not a change.
    """
    return _change_decoder.decode(payload)


def previous_snapshot(home: Home) -> Path:
    """Return the path of the snapshot before the present one."""
    return home.registry.with_name(f"{home.registry.name}.1")


def _read_snapshot(path: Path, pool: RecordPool) -> RegistrySnapshot | _Damaged | None:
    try:
        content = _read_apart(path)
    except FileNotFoundError:
        return None
    try:
        snapshot = _decode_snapshot(content, pool)
    except UNREADABLE:
        _require_known_versions(path, content)
        return _Damaged()
    newest = max((record.format for record in snapshot.sessions.values()), default=0)
    if META_ID not in snapshot.meta:
        return _Damaged()
    if newest > RECORD_FORMAT or snapshot.meta[META_ID].format > REGISTRY_FORMAT:
        _require_known_versions(path, content)
    return snapshot


def _read_apart(path: Path) -> mmap | bytes:
    """Return what is in a file, in memory that goes back to the system as soon as it is let go.

    Megabytes of text in the heap, under the records made from them, would stay there for good.
    """
    with path.open("rb", buffering=0) as file:
        num_bytes = os.fstat(file.fileno()).st_size
        if not num_bytes:
            return b""
        pages = mmap(-1, num_bytes)
        num_read = 0
        while count := file.readinto(memoryview(pages)[num_read:]):
            num_read += count
    return pages if num_read == num_bytes else pages[:num_read]


def _decode_snapshot(content: mmap | bytes, pool: RecordPool) -> RegistrySnapshot:
    written = _snapshot_decoder.decode(content)
    sessions = {session_id: pool.decode(record) for session_id, record in written.sessions.items()}
    return RegistrySnapshot(sessions=sessions, meta=written.meta)


def _read_changes(path: Path, pool: RecordPool) -> tuple[list[JournalEntry], bool]:
    """Return the changes in the journal and whether some of its whole lines are damaged."""
    try:
        content = _read_apart(path)
    except FileNotFoundError:
        return [], False
    changes = []
    is_damaged = False
    for payload in journal.read_documents(content):
        if payload is None:
            is_damaged = True
            continue
        try:
            change = _change_decoder.decode(payload)
        except UNREADABLE:
            _require_known_versions(path, payload)
            is_damaged = True
            continue
        record_format = 0 if change.record is None else pool.share(change.record).format
        if change.format > REGISTRY_FORMAT or record_format > RECORD_FORMAT:
            _require_known_versions(path, payload)
        changes.append(change)
    return changes, is_damaged


def _require_known_versions(path: Path, content: mmap | bytes) -> None:
    """Refuse a snapshot or a change that a newer version wrote.

    Raises:
        StorageError: It, or a record in it, has a newer format.
    """
    try:
        versions = _versions_decoder.decode(content)
    except UNREADABLE:
        return
    of_registry = max([versions.format, *(meta.format for meta in versions.meta.values())])
    of_records = max([versions.record.format, *(row.format for row in versions.sessions.values())])
    if of_registry > REGISTRY_FORMAT:
        raise StorageError(newer_format(path, of_registry, REGISTRY_FORMAT))
    if of_records > RECORD_FORMAT:
        raise StorageError(newer_format(path, of_records, RECORD_FORMAT))


def _has_traces(home: Home) -> bool:
    """Return True if a home without snapshot and journal had sessions once."""
    return previous_snapshot(home).exists() or (home.path.exists() and bool(session_ids(home)))


def _from_snapshot(snapshot: RegistrySnapshot) -> Contents:
    meta = snapshot.meta[META_ID]
    return Contents(dict(snapshot.sessions), meta.sequence, meta.next_id)


def _recover(
    home: Home, snapshot: RegistrySnapshot | _Damaged | None, pool: RecordPool
) -> Contents:
    """Join a snapshot, the one before where it is not sound, with the copies in the folders."""
    damaged = [home.registry] if isinstance(snapshot, _Damaged) else []
    source = ""
    if not isinstance(snapshot, RegistrySnapshot):
        source = "the session folders"
        snapshot = _read_snapshot(previous_snapshot(home), pool)
        if isinstance(snapshot, RegistrySnapshot):
            source = f"{previous_snapshot(home).name} and {source}"
        elif snapshot is not None:
            damaged.append(previous_snapshot(home))
    contents = _from_snapshot(snapshot) if isinstance(snapshot, RegistrySnapshot) else Contents()
    contents.is_recovered, contents.source, contents.damaged = True, source, damaged
    _add_copies(contents, home)
    return contents


def _add_copies(contents: Contents, home: Home) -> None:
    """Take the copy of each session that is missing or older in `contents`; drop trashed ones."""
    copies = read_session_copies(home)
    for session_id, copy in copies.records.items():
        known = contents.records.get(session_id)
        if known is None or _age(copy) >= _age(known):
            contents.records[session_id] = copy
    contents.unreadable = copies.unreadable
    for session_id in trashed_ids(home) - set(session_ids(home)):
        contents.records.pop(session_id, None)


def _age(record: SessionRecord) -> tuple[int, int, int, bool]:
    position: Position = record.progress.position
    return record.generation, position.step, position.validated_epochs, position.is_tested


def _apply(contents: Contents, change: JournalEntry) -> None:
    if change.sequence <= contents.sequence:
        return
    contents.sequence = change.sequence
    if change.record is not None:
        contents.records[change.record.id] = change.record
        contents.next_id = max(contents.next_id, change.record.id + 1)
    if change.removed is not None:
        contents.records.pop(change.removed, None)
        contents.next_id = max(contents.next_id, change.removed + 1)
    if change.next_id is not None:
        contents.next_id = max(contents.next_id, change.next_id)
