"""What the table of actions means for screens and sessions: bindings, footer words, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import ENDED, Trigger, allows, refusal
from mnist_tui.training.sessions.rules import refusal_sentence
from mnist_tui.tui.keys.key_action import FORM, KeyAction
from mnist_tui.tui.keys.key_table import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord


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
    """Return how Textual is told to run `action`, for one of its keys where that matters."""
    if action.triggers:
        return f"ask('{action.name}')"
    return f"{action.name}('{key}')" if action.takes_key else action.name


def find(name: str) -> KeyAction:
    """Return the action called `name`."""
    return next(action for action in ACTIONS if action.name == name)


def trigger_of(action: KeyAction, record: SessionRecord) -> Trigger:
    """Return what `action` asks of this session now; the second trigger undoes the first."""
    if Trigger.PAUSE in action.triggers:
        is_resume = (
            allows(record.state, Trigger.RESUME)
            or record.state in ENDED
            or record.state is SessionState.PAUSING
            or record.is_held
        )
        return Trigger.RESUME if is_resume else Trigger.PAUSE
    if Trigger.HOLD in action.triggers and record.is_held:
        return Trigger.RELEASE
    return action.triggers[0]


def able_for(
    action: KeyAction, targets: Sequence[SessionRecord]
) -> tuple[Trigger | None, list[SessionRecord]]:
    """Return what `action` asks of `targets`, one thing of all, and of which it can be asked.

    Where some could be paused and others resumed, pausing comes first: it is what is urgent.
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
    """Return the footer's word for `action`, such as resume for a paused session."""
    if len(action.triggers) < 2:
        return action.label
    trigger, _ = able_for(action, targets)
    return trigger.value if trigger else action.label


def why_not(action: KeyAction, record: SessionRecord | None) -> str | None:
    """Return one sentence of why `action` does not apply, or None where it does."""
    if not action.triggers and not action.needs_session:
        return None
    if record is None:
        return "There is no session yet; press n to make one."
    if not action.triggers:
        if action.needs_steps and not record.progress.position.step:
            return (
                f"Session #{record.id} has learnt nothing yet, so there is no checkpoint for"
                f" {action.label}; let it train first."
            )
        if record.state in action.states:
            return None
        return f"Session #{record.id} is {record.state}: {action.label} does not apply now."
    trigger = trigger_of(action, record)
    if allows(record.state, trigger) and not _is_kept(record, trigger):
        return None
    return refusal_sentence(record.id, trigger, _refusal(record, trigger))


def _is_kept(record: SessionRecord, trigger: Trigger) -> bool:
    return trigger is Trigger.REMOVE and record.is_pinned


def _refusal(record: SessionRecord, trigger: Trigger) -> str:
    if record.is_held and trigger is Trigger.RESUME:
        return f"it is held; press {find('hold').key} to release it"
    if _is_kept(record, trigger):
        return f"it is pinned; press {find('pin').key} to unpin it"
    return refusal(record.state, trigger)


def applies(
    action: KeyAction, focus: SessionRecord | None, targets: Sequence[SessionRecord]
) -> bool:
    """Return whether `action` would do something now.

    Args:
        action: What is asked for.
        focus: The session under the cursor; what acts on one acts on it.
        targets: The marked sessions, or that one; what acts on many acts on those able to.
    """
    if action.triggers:
        return bool(able_for(action, targets)[1])
    return why_not(action, focus) is None
