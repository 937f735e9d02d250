"""Changes of a session's record that leave its training alone: labels, queue position, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mnist_tui.training.parameters.labels import check_label, check_note, check_tags
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.queue import moved_key, ordinal, queue_places
from mnist_tui.training.sessions.rules import RequestRefusedError, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.requests import Label, Move
    from mnist_tui.training.supervisor.ledger import Ledger


class RecordChanges:
    """One durable change per request, with an entry in the session's history."""

    def __init__(self, ledger: Ledger, record: Callable[[int], SessionRecord]) -> None:
        """Change records of `ledger`; `record` returns one with its newest figures, or refuses."""
        self._ledger = ledger
        self._record = record

    def label(self, request: Label, by: str) -> SessionRecord:
        """Change the name, tags, note or pin of a session.

        Raises:
            RequestRefusedError: There is no such session, or a label cannot be used.
            StorageError: It could not be written; nothing has changed.
        """
        record = self._record(request.session_id)
        try:
            changed, text = _relabelled(record, request)
        except ValueError as error:
            raise RequestRefusedError(f"Session #{record.id} is left as it is: {error}.") from None
        if text:
            self._commit(changed, "label", by, text)
        return self._record(record.id)

    def move(self, request: Move, by: str) -> SessionRecord:
        """Change the position of a queued session.

        Raises:
            RequestRefusedError: There is no such session, or it is not in the queue.
            StorageError: It could not be written; nothing has changed.
        """
        record = self._record(request.session_id)
        if refusal := why_not(record, Trigger.MOVE):
            raise RequestRefusedError(refusal.sentence())
        records = self._ledger.all()
        key = moved_key(records, record.id, request.places)
        if key is None:
            return record
        changed = replace(record, queue_key=key)
        others = [other for other in records if other.id != record.id]
        place = queue_places([*others, changed])[record.id]
        text = f"{ordinal(place)} in the queue, was {ordinal(queue_places(records)[record.id])}"
        self._commit(changed, "move", by, text)
        return self._record(record.id)

    def keep_figures(self, session_id: int, figures: Mapping[str, float | None]) -> None:
        """Keep figures of the newest weights by the name of their field, such as `ece`.

        Raises:
            RequestRefusedError: There is no such session any more.
        """
        self._ledger.save_eventually(replace(self._record(session_id), **figures))

    def _commit(self, changed: SessionRecord, command: str, by: str, text: str) -> None:
        self._ledger.commit(changed)
        step = changed.progress.position.step
        self._ledger.append_history(
            changed.id, "changed", command=command, by=by, step=step, text=text
        )


def _relabelled(record: SessionRecord, request: Label) -> tuple[SessionRecord, str]:
    """Return the changed record and a description of the changes, empty if there are none.

    Raises:
        ValueError: A label cannot be used; the text is half a sentence that gives the reason.
    """
    requested: dict[str, Any] = {
        "name": None if request.name is None else check_label(request.name),
        "tags": None if request.tags is None else check_tags(request.tags),
        "note": None if request.note is None else check_note(request.note),
        "is_pinned": request.is_pinned,
    }
    changes = {
        field: value
        for field, value in requested.items()
        if value is not None and value != getattr(record, field)
    }
    changed = replace(record, **changes)
    return changed, "; ".join(_description(field, changed, record) for field in changes)


def _description(field: str, changed: SessionRecord, record: SessionRecord) -> str:
    match field:
        case "name":
            return f"renamed to {changed.name}, was {record.name}"
        case "tags":
            return f"tags: {', '.join(changed.tags)}" if changed.tags else "tags removed"
        case "note":
            return f"note: {changed.note}" if changed.note else "note removed"
        case _:
            return "pinned" if changed.is_pinned else "unpinned"
