"""Drafts of forms: one for new sessions, and one for each clone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_tui.training.parameters.overlay import copy_name
from mnist_tui.tui.forms.field_text import texts_of
from mnist_tui.tui.forms.preset_fill import PresetFilling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mnist_tui.storage.records import SessionRecord


@dataclass
class Draft:
    """Texts of a form, saved when it is left."""

    texts: dict[str, str]
    """Text by field; open fields have none."""
    original: SessionRecord | None = None
    """The session that is cloned."""
    filling: PresetFilling = field(default_factory=PresetFilling)


class Drafts:
    """Drafts of all forms, each kept until its sessions are created."""

    def __init__(self, defaults: Mapping[str, str]) -> None:
        """Prepare drafts.

        Args:
            defaults: Initial texts of the form for new sessions, by field.
        """
        self._defaults = dict(defaults)
        self._drafts: dict[int | None, Draft] = {}

    def of(self, original: SessionRecord | None, names: Collection[str] = ()) -> Draft:
        """Return the draft of a new session, or of a clone of `original`.

        Args:
            original: The session to clone; None for a new one.
            names: Names of existing sessions, for the name of a clone.
        """
        key = original.id if original else None
        if key not in self._drafts:
            self._drafts[key] = self._begin(original, names)
        return self._drafts[key]

    def forget(self, draft: Draft) -> None:
        """Discard a draft whose sessions were created."""
        self._drafts.pop(draft.original.id if draft.original else None, None)

    def _begin(self, original: SessionRecord | None, names: Collection[str]) -> Draft:
        if original is None:
            return Draft(dict(self._defaults))
        name = copy_name(original.name, names)
        return Draft({"name": name, **texts_of(original.parameters)}, original)
