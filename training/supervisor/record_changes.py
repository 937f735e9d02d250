"""What people change of a session beside its training: its labels and its place in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.queue import moved_key, ordinal, queue_places
from mnist_tui.training.sessions.rules import RequestRefusedError, why_not
from mnist_tui.training.supervisor.labelling import relabelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Label, Move
    from mnist_tui.training.supervisor.ledger import Ledger


class RecordChanges:
    """Makes one durable change for each request, and an entry in the session's history."""

    def __init__(self, ledger: Ledger, record: Callable[[int], SessionRecord]) -> None:
        """Change records of `ledger`; `record` returns one with its newest figures, or refuses."""
        self._ledger = ledger
        self._record = record

    def label(self, request: Label, by: str) -> SessionRecord:
        """Change what a session is called by.

        Raises:
            RequestRefusedError: There is no such session, or a label cannot be used.
            StorageError: It could not be written; nothing has changed.
        """
        record = self._record(request.session_id)
        try:
            changed, text = relabelled(record, request)
        except ValueError as error:
            raise RequestRefusedError(f"Session #{record.id} is left as it is: {error}.") from None
        if text:
            self._keep(changed, "label", by, text)
        return self._record(record.id)

    def move(self, request: Move, by: str) -> SessionRecord:
        """Change the place of a queued session.

        Raises:
            RequestRefusedError: There is no such session, or it has no place in the queue.
            StorageError: It could not be written; nothing has changed.
        """
        record = self._record(request.session_id)
        if refusal := why_not(record, Trigger.MOVE):
            raise RequestRefusedError(refusal.sentence())
        before = queue_places(self._ledger.all())[record.id]
        key = moved_key(self._ledger.all(), record.id, request.places)
        if key is None:
            return record
        changed = replace(record, queue_key=key)
        others = [each for each in self._ledger.all() if each.id != record.id]
        place = queue_places([*others, changed])[record.id]
        text = f"{ordinal(place)} in the queue, was {ordinal(before)}"
        self._keep(changed, "move", by, text)
        return self._record(record.id)

    def keep_ece(self, session_id: int, ece: float | None) -> None:
        """Keep how well calibrated the newest weights are.

        Raises:
            RequestRefusedError: There is no such session any more.
        """
        self._ledger.store(replace(self._record(session_id), ece=ece))

    def keep_outlier_auroc(self, session_id: int, auroc: float | None) -> None:
        """Keep how well the newest weights told the drawn signs from digits.

        Raises:
            RequestRefusedError: There is no such session any more.
        """
        self._ledger.store(replace(self._record(session_id), outlier_auroc=auroc))

    def _keep(self, changed: SessionRecord, command: str, by: str, text: str) -> None:
        self._ledger.promise(changed)
        step = changed.progress.position.step
        self._ledger.note(changed.id, "changed", command=command, by=by, step=step, text=text)
