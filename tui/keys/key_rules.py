"""Bindings, footer labels and refusals, derived from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions import rules
from mnist_tui.training.sessions.lifecycle import ENDED, Trigger
from mnist_tui.training.sessions.rules import Obstacle
from mnist_tui.tui.keys.key_action import FORM, KeyAction
from mnist_tui.tui.keys.key_table import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord


_RESUMED = ENDED | {SessionState.PAUSING, SessionState.PAUSED}
"""States in which the pause key asks for resume, possible or not."""
_REMEDIES = {
    Obstacle.HELD: "press H to release it",
    Obstacle.PINNED: "press P to unpin it",
}


def actions_of(screen: str) -> list[KeyAction]:
    """Return the actions of one screen, in table order."""
    return [action for action in ACTIONS if screen in action.screens]


def bindings_of(screen: str) -> list[BindingType]:
    """Return the key bindings of one screen."""
    return [binding for action in actions_of(screen) for binding in _bindings(action, screen)]


def _bindings(action: KeyAction, screen: str) -> list[Binding]:
    keys = action.keys if action.takes_key else (",".join(action.keys),)
    return [
        Binding(
            key,
            call_of(action, key),
            action.label,
            tooltip=action.tooltip,
            show=action.is_in_footer,
            priority=screen == FORM or action.name == "app.keep_running",
        )
        for key in keys
    ]


def call_of(action: KeyAction, key: str = "") -> str:
    """Return the Textual action that runs `action`, for one of its keys if that matters.

    `run` is a method of the base screen, which finds the behaviour that has the action.
    """
    name, _, arguments = action.name.partition("(")
    if action.triggers:
        name, arguments = "ask", f"'{action.name}')"
    elif action.takes_key:
        arguments = f"'{key}')"
    if name.startswith("app."):
        return name
    return f"run('{name}', {arguments}" if arguments else f"run('{name}')"


def find(name: str) -> KeyAction:
    """Return the action called `name`."""
    return next(action for action in ACTIONS if action.name == name)


def trigger_of(action: KeyAction, record: SessionRecord) -> Trigger:
    """Return the request that `action` makes of a session now; the second undoes the first."""
    if Trigger.PAUSE in action.triggers:
        is_resume = record.is_held or record.state in _RESUMED
        return Trigger.RESUME if is_resume else Trigger.PAUSE
    if Trigger.HOLD in action.triggers and record.is_held:
        return Trigger.RELEASE
    return action.triggers[0]


def able_for(
    action: KeyAction, targets: Sequence[SessionRecord]
) -> tuple[Trigger | None, list[SessionRecord]]:
    """Return the one request that `action` makes, and the targets that it can be made of.

    If some sessions could be paused and others resumed, pause wins: it is the urgent one.
    """
    for trigger in action.triggers:
        able = [
            record
            for record in targets
            if trigger_of(action, record) is trigger and why_not(action, record) is None
        ]
        if able:
            return trigger, able
    return None, []


def label_of(action: KeyAction, targets: Sequence[SessionRecord]) -> str:
    """Return the footer label of `action`, such as resume for a paused session."""
    if len(action.triggers) < 2:
        return action.label
    trigger, _ = able_for(action, targets)
    return trigger.value if trigger else action.label


def why_not(action: KeyAction, record: SessionRecord | None) -> str | None:
    """Return the sentence that explains why `action` does not apply, or None if it does."""
    if not action.triggers and not action.needs_session:
        return None
    if record is None:
        return "There is no session yet; press n to make one."
    if action.needs_steps and not record.progress.position.step:
        return (
            f"Session #{record.id} has learnt nothing yet, so there is no checkpoint for"
            f" {action.label}; let it train first."
        )
    request = trigger_of(action, record) if action.triggers else action.request
    refusal = rules.why_not(record, request) if request else None
    return refusal.sentence(_REMEDIES) if refusal else None


def applies(
    action: KeyAction, focus: SessionRecord | None, targets: Sequence[SessionRecord]
) -> bool:
    """Return True if `action` would have an effect now.

    Args:
        action: The action.
        focus: The session under the cursor, for actions on a single session.
        targets: The marked sessions, or that one, for actions on several.
    """
    if action.triggers:
        return bool(able_for(action, targets)[1])
    return why_not(action, focus) is None
