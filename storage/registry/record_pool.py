"""Memory-saving record decoder: equal parts of thousands of records become one object.

Sessions of a sweep differ in two or three parameters; decoded one by one, each record would bring
its own copy of all the others.
"""

from __future__ import annotations

from operator import attrgetter
from sys import intern
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import force_setattr

from mnist_tui.storage.records import SessionRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TABLES = 2_000
"""Different tables that are looked for: a random search has no two alike, and each takes room."""
_TABLES = ("parameters", "fingerprint", "environment")
_PARTS = ("device", "cause", "data_dir", "boot_id", "note", "tags", "queued_at", "num_parameters")
"""Fields that are often equal in other records, or elsewhere in the same one."""
_FIGURES = ("train_accuracy", "val_accuracy", "test_accuracy", "best_val_accuracy", "eta_s")
"""Fields with few different values: accuracies are whole numbers over the same few."""

_tables_of, _parts_of, _figures_of = (attrgetter(*names) for names in (_TABLES, _PARTS, _FIGURES))
_decoder = msgspec.json.Decoder(SessionRecord)
_encoder = msgspec.json.Encoder()


class RecordPool:
    """Decodes records; equal tables and texts become one object, known records stay as they are.

    Lives as long as one reading: it keeps what it has seen.
    """

    def __init__(self, known: Mapping[int, SessionRecord] | None = None) -> None:
        """Begin a reading.

        Args:
            known: Records by ID; an unchanged one stays the same object.
        """
        self._known = {} if known is None else known
        self._tables: dict[bytes, dict[str, Any]] = {}
        """By what is written."""
        self._values: dict[Any, Any] = {}
        self._floats: dict[float, float] = {}
        """Apart, because 1.0 and 1 are equal and are not the same parameter."""

    def decode(self, content: msgspec.Raw | bytes) -> SessionRecord:
        """Return the record in `content`.

        Raises:
            msgspec.DecodeError: It is none.
        """
        return self.share(_decoder.decode(content))

    def share(self, record: SessionRecord) -> SessionRecord:
        """Return the record made of shared parts; it must not be referenced elsewhere yet."""
        known = self._known.get(record.id)
        if known == record:
            return known
        for name, table in zip(_TABLES, _tables_of(record), strict=True):
            if table:
                force_setattr(record, name, self._shared_table(table))
        share = self._values.setdefault
        for name, value in zip(_PARTS, _parts_of(record), strict=True):
            if value:
                force_setattr(record, name, share(value, value))
        progress, share_figure = record.progress, self._floats.setdefault
        for name, value in zip(_FIGURES, _figures_of(progress), strict=True):
            if value is not None:
                force_setattr(progress, name, share_figure(value, value))
        place = progress.position
        force_setattr(progress, "position", self._values.setdefault(place, place))
        return record

    def _shared_table(self, table: dict[str, Any]) -> dict[str, Any]:
        written = _encoder.encode(table)
        shared = self._tables.get(written)
        if shared is None:
            shared = self._compact(table)
            if len(self._tables) < MAX_TABLES:
                self._tables[written] = shared
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
                value = self._floats.setdefault(value, value)
            setattr(instance, name, value)
        return vars(instance)


class _Table:
    """Only its dictionary is used."""
