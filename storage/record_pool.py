"""Records decoded so that what they have in common is one object: thousands of them stay small.

Sessions of a sweep differ in two or three parameters; decoded one by one, each record would bring
its own copy of all the others.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import force_setattr

from storage.records import SessionRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLES = ("parameters", "fingerprint", "environment")
_PARTS = ("device", "cause", "data_dir", "boot_id", "note", "tags", "queued_at", "num_parameters")
"""What is often the same in other records, or elsewhere in the same one."""
_FIGURES = (
    "position", "train_accuracy", "val_accuracy", "test_accuracy", "best_val_accuracy", "eta_s",
)  # fmt: skip
"""What has few different values: accuracies are whole numbers over the same few."""

_decoder = msgspec.json.Decoder(SessionRecord)
_encoder = msgspec.json.Encoder()


class RecordPool:
    """Decodes records; equal tables and texts become one object, known records stay as they are.

    Lives as long as one reading: it keeps what it has seen.
    """

    def __init__(self, known: Mapping[int, SessionRecord] | None = None) -> None:
        """Begin a reading.

        Args:
            known: Records by ID; one that is told again unchanged stays the same object.
        """
        self._known = {} if known is None else known
        self._tables: dict[int, dict[str, Any]] = {}
        """By the hash of what is written."""
        self._values: dict[Any, Any] = {}

    def decode(self, content: msgspec.Raw | bytes) -> SessionRecord:
        """Return the record in `content`.

        Raises:
            msgspec.DecodeError: It is none.
        """
        return self.share(_decoder.decode(content))

    def share(self, record: SessionRecord) -> SessionRecord:
        """Return the record made of shared parts; only for one that nobody else has seen."""
        known = self._known.get(record.id)
        if known == record:
            return known
        for name in _TABLES:
            if table := getattr(record, name):
                force_setattr(record, name, self._shared_table(table))
        for part, names in ((record, _PARTS), (record.progress, _FIGURES)):
            for name in names:
                value = getattr(part, name)
                if value is not None:
                    force_setattr(part, name, self._values.setdefault((type(value), value), value))
        return record

    def _shared_table(self, table: dict[str, Any]) -> dict[str, Any]:
        place = hash(_encoder.encode(table))
        shared = self._tables.get(place)
        if shared is None or shared != table:  # another one may have the same hash
            shared = self._tables[place] = self._compact(table)
        return shared

    def _compact(self, table: dict[str, Any]) -> dict[str, Any]:
        """Return the table with shared values; its keys are shared too, as those of instances are.

        The dictionary of an instance holds values alone (PEP 412), a third of what others take.
        """
        instance = _Table()
        for name, value in table.items():
            kind = type(value)
            if kind is str:
                value = intern(value)
            elif kind is list:
                value = self._values.setdefault((list, *value), value)
            elif kind is float:
                value = self._values.setdefault((float, value), value)
            setattr(instance, name, value)
        return vars(instance)


class _Table:
    """Only its dictionary is used."""
