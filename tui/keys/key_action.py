"""What one key does, where, and in which states of a session."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger, allows

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
"""All but the form, where letters are typed."""

TRAINING, LABELS, LOOKING, CHART, MOVING, PROGRAM = (
    "Training", "Labels", "Looking", "Charts", "Moving", "Program",
)  # fmt: skip
GROUPS = (TRAINING, LOOKING, CHART, LABELS, MOVING, PROGRAM)
"""The headings of help and README, in their order."""


@dataclass(frozen=True)
class KeyAction:
    """One thing a key does."""

    name: str
    """The method `action_<name>` of the screen; those with triggers share `action_ask`."""
    keys: tuple[str, ...]
    """As Textual calls them; the first is shown."""
    label: str
    """One or two words for the footer."""
    tooltip: str
    screens: tuple[str, ...]
    group: str
    triggers: tuple[Trigger, ...] = ()
    """What it may ask of sessions; where it applies follows from the lifecycle."""
    only_in: frozenset[SessionState] = frozenset()
    """States outside which it does not apply; empty for none, and where triggers decide."""
    needs_session: bool = False
    needs_steps: bool = False
    """Whether it applies only to what has learnt something: there is no checkpoint before."""
    is_in_footer: bool = False
    takes_key: bool = False
    """Whether the method is told which of the keys was pressed."""

    @property
    def key(self) -> str:
        """The first key, or the range of keys, as a person reads it."""
        if self.takes_key:
            return f"{self.keys[0]}…{self.keys[-1]}"
        return readable(self.keys[0])

    @property
    def all_keys(self) -> str:
        """Every key, as a person reads them."""
        return self.key if self.takes_key else " ".join(map(readable, self.keys))

    @property
    def states(self) -> frozenset[SessionState]:
        """The states of a session in which it applies."""
        if self.triggers:
            return frozenset(
                state
                for state in SessionState
                if any(allows(state, trigger) for trigger in self.triggers)
            )
        return self.only_in or frozenset(SessionState)


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
    """Return a key as it is printed on keyboards."""
    return _READABLE.get(key, key)
