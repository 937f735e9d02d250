"""Actions of keys: label, screens, and the requests that they make of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_tui.training.sessions.lifecycle import Trigger

SESSIONS, SESSION, COMPARE, DEVICES, DATA, STUDY, FORM = (
    "sessions", "session", "compare", "devices", "data", "study", "form",
)  # fmt: skip
TITLES = {
    SESSIONS: "Sessions",
    SESSION: "Session",
    COMPARE: "Compare",
    DEVICES: "Devices",
    DATA: "Data",
    STUDY: "Study",
    FORM: "New session",
}
EVERYWHERE = tuple(TITLES)
LISTS = (SESSIONS, SESSION)
CHARTS = (SESSIONS, SESSION, COMPARE)
VIEWS = (SESSIONS, SESSION, COMPARE, DEVICES, DATA, STUDY)
"""All but the form, in which letters are text."""

TRAINING, LABELS, LOOKING, CHART, MOVING, PROGRAM = (
    "Training", "Labels", "Looking", "Charts", "Moving", "Program",
)  # fmt: skip
GROUPS = (TRAINING, LOOKING, CHART, LABELS, MOVING, PROGRAM)
"""Headings of help and reference, in order."""


@dataclass(frozen=True)
class KeyAction:
    """One action and its keys."""

    name: str
    """The method `action_<name>` of the screen or one of its behaviours, perhaps with an argument;
    those with triggers share `action_ask`."""
    keys: tuple[str, ...]
    """Textual's names; the first is displayed."""
    label: str
    """One or two words for the footer."""
    tooltip: str
    screens: tuple[str, ...]
    group: str
    triggers: tuple[Trigger, ...] = ()
    """Requests that it may make of sessions."""
    request: Trigger | None = None
    """Request whose rule decides for an action with a method of its own; None if all do."""
    needs_session: bool = False
    needs_steps: bool = False
    """True if it applies only to sessions that have trained: others have no checkpoint."""
    is_in_footer: bool = False
    takes_key: bool = False
    """True if the method receives the key that was pressed."""

    @property
    def key(self) -> str:
        """The first key, or the range of keys, as displayed."""
        if self.takes_key:
            return f"{self.keys[0]}…{self.keys[-1]}"
        return readable(self.keys[0])

    @property
    def all_keys(self) -> str:
        """All keys, as displayed."""
        return self.key if self.takes_key else " ".join(map(readable, self.keys))


_READABLE = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "backslash": "\\",
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "colon": ":",
    "equals_sign": "=",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "shift+left": "⇧←",
    "shift+right": "⇧→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "f1": "F1",
    "f2": "F2",
    "f3": "F3",
}


def readable(key: str) -> str:
    """Return a key as printed on keyboards."""
    return _READABLE.get(key, key)
