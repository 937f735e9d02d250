"""What was typed into forms that were left: one for new sessions, one for each clone."""

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
    """What a form says, kept up to date when it is left."""

    texts: dict[str, str]
    """By field; one that is left open has none."""
    original: SessionRecord | None = None
    """The session that is cloned."""
    filling: PresetFilling = field(default_factory=PresetFilling)


class Drafts:
    """Keeps the draft of every form until its session was made."""

    def __init__(self, defaults: Mapping[str, str]) -> None:
        """Make the first draft.

        Args:
            defaults: What the form of a new session says at first, by field.
        """
        self._defaults = dict(defaults)
        self._drafts: dict[int | None, Draft] = {}

    def of(self, original: SessionRecord | None, names: Collection[str] = ()) -> Draft:
        """Return the draft of a new session, or of a clone of `original`.

        Args:
            original: The session to clone; None for a new one.
            names: Those that sessions have, for the name of a clone.
        """
        key = original.id if original else None
        if key not in self._drafts:
            self._drafts[key] = self._begin(original, names)
        return self._drafts[key]

    def forget(self, draft: Draft) -> None:
        """Begin afresh the next time: the session of this draft was made."""
        self._drafts.pop(draft.original.id if draft.original else None, None)

    def _begin(self, original: SessionRecord | None, names: Collection[str]) -> Draft:
        if original is None:
            return Draft(dict(self._defaults))
        name = copy_name(original.name, names)
        return Draft({"name": name, **texts_of(original.parameters)}, original)
