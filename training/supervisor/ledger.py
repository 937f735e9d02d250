"""Durable state of all sessions: how records and their history reach disk and subscribers.

The registry comes first and decides; the copy in the session's folder, the history and the audit
log follow, and a disk that refuses them only delays them.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.audit import AuditLog
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.history import HistoryEntry, HistoryEvent, HistoryWriter
from mnist_tui.storage.records import utc_now
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.registry.registry import Registry
    from mnist_tui.training.protocol.messages import Event

log = logging.getLogger("supervisor")

COPY_DELAY_S = 0.01
"""A copy costs two syncs, so worker and clients receive a change first."""


class Ledger:
    """Registry, record copies, histories and audit log of one home."""

    def __init__(self, home: Home, registry: Registry, publish: Callable[[Event], None]) -> None:
        """Take over an open registry.

        Raises:
            StorageError: The audit log cannot be opened.
        """
        self._home = home
        self._registry = registry
        self._audit = AuditLog(home.audit)
        self._publish = publish
        self._due: set[int] = set()
        """Sessions whose copies are written in a moment."""
        self._uncopied: set[int] = set()
        """Sessions whose copies could not be written."""

    def new_id(self) -> int:
        """Return an ID that no session has ever had.

        Raises:
            StorageError: It could not be recorded.
        """
        return self._registry.new_id()

    def get(self, session_id: int) -> SessionRecord | None:
        """Return one record, or None if there is no such session."""
        with suppress(KeyError):
            return self._registry.get(session_id)
        return None

    def all(self) -> list[SessionRecord]:
        """Return all records by ID."""
        return self._registry.all()

    def add(self, record: SessionRecord) -> None:
        """Create folder and record of a new session.

        Raises:
            StorageError: It could not be created; nothing is left of it.
        """
        folders.make_session_folder(self._home, record.id)
        try:
            self._registry.put(record)
        except StorageError:
            folders.discard_empty_folder(self._home, record.id)
            raise
        self._distribute(record, is_copy_urgent=True)

    def commit(self, record: SessionRecord) -> None:
        """Store a requested change; durable on return.

        Raises:
            StorageError: It could not be written; nothing has changed.
        """
        self._registry.put(record)
        self._distribute(record)

    def save_eventually(self, record: SessionRecord) -> None:
        """Store what has happened: in memory now, on disk as soon as that has room."""
        before = self.get(record.id)
        self._registry.put_when_possible(record)
        # Workers read from the copy whether the session has a newer owner.
        is_owner_new = before is None or before.generation != record.generation
        self._distribute(record, is_copy_urgent=is_owner_new)

    def publish(self, record: SessionRecord) -> None:
        """Send subscribers a record whose newest figures are not worth a write."""
        self._publish(SessionChanged(record=record))

    def remove(self, record: SessionRecord) -> None:
        """Move a session to the trash.

        Raises:
            StorageError: It could not be moved; the session is as it was.
        """
        if record.id in self._due:
            self._copy(record)  # in the trash the copy is the only record
        # In this order a crash in between brings the session back instead of losing it.
        self._registry.remove(record.id)
        try:
            folders.move_to_trash(self._home, record.id)
        except StorageError:
            self._registry.put_when_possible(record)
            raise
        self._uncopied.discard(record.id)
        self._publish(SessionRemoved(session_id=record.id))

    def append_history(self, session_id: int, event: HistoryEvent, **fields: Any) -> None:
        """Append an event to the session's history and the audit log."""
        entry = HistoryEntry(event=event, **{"time": utc_now(), **fields})
        try:
            self._audit.append(session_id, entry)
            folder = self._home.session(session_id)
            if folder.exists():
                HistoryWriter(folder / folders.HISTORY).append(entry)
        except StorageError as error:
            log.warning("%s", error)

    def append_state(self, record: SessionRecord) -> None:
        """Append the state that a session has now, and its cause, to the history."""
        text = f"{record.state}: {record.cause}" if record.cause else record.state.value
        self.append_history(record.id, "changed", text=text)

    def complete_copies(self) -> None:
        """Write the copies that are missing after a crash or a full disk."""
        for record in self._registry.all():
            if not folders.has_session_copy(self._home, record.id):
                self._copy(record)

    def save_unsaved(self) -> None:
        """Write what a full disk refused earlier."""
        if self._registry.save_unsaved():
            for session_id in list(self._uncopied):
                with suppress(StorageError):  # logged when it failed first
                    folders.write_session_copy(self._home, self._registry.get(session_id))
                    self._uncopied.discard(session_id)

    def close(self) -> None:
        """Save what can be saved and close every file."""
        self._copy_due()
        self.save_unsaved()
        self._registry.close()
        self._audit.close()

    def _distribute(self, record: SessionRecord, *, is_copy_urgent: bool = False) -> None:
        if is_copy_urgent:
            self._copy(record)
        else:
            if not self._due:
                asyncio.get_running_loop().call_later(COPY_DELAY_S, self._copy_due)
            self._due.add(record.id)
        self.publish(record)

    def _copy_due(self) -> None:
        for session_id in list(self._due):
            self._copy(self._registry.get(session_id))

    def _copy(self, record: SessionRecord) -> None:
        self._due.discard(record.id)
        self._uncopied.discard(record.id)
        try:
            folders.write_session_copy(self._home, record)
        except StorageError as error:
            self._uncopied.add(record.id)
            log.warning("%s", error)
