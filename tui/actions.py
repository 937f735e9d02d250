"""Every action of the screens, said once: bindings, footer and help come from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from storage.records import SessionState
from training.lifecycle import ENDED, Trigger, allows, refusal

if TYPE_CHECKING:
    from storage.records import SessionRecord

SESSIONS, SESSION, FORM = "sessions", "session", "form"
LISTS = (SESSIONS, SESSION)
EVERYWHERE = (SESSIONS, SESSION, FORM)


@dataclass(frozen=True)
class Action:
    """One thing a key does."""

    name: str
    """The method `action_<name>` of the screen; session actions share `action_ask`."""
    keys: tuple[str, ...]
    """As Textual calls them; the first is shown."""
    label: str
    tooltip: str
    screens: tuple[str, ...]
    triggers: tuple[Trigger, ...] = ()
    """What it may ask of the selected session; where it applies follows from the lifecycle."""
    needs_session: bool = False
    is_in_footer: bool = True

    @property
    def key(self) -> str:
        """The first key, as a person reads it."""
        return readable(self.keys[0])


ACTIONS: tuple[Action, ...] = (
    Action("new", ("n",), "new", "Open the form for a new session", LISTS),
    Action(
        "pause",
        ("p",),
        "pause",
        "No more batches, process stays; again: resume",
        LISTS,
        (Trigger.PAUSE, Trigger.RESUME),
    ),
    Action(
        "stop",
        ("S",),
        "stop",
        "Finish the batch, save, exit; p resumes",
        LISTS,
        (Trigger.STOP,),
    ),
    Action(
        "kill",
        ("K",),
        "kill",
        "End at once, nothing saved; asks first",
        LISTS,
        (Trigger.KILL,),
    ),
    Action("open", ("enter",), "open", "Open the session", (SESSIONS,), needs_session=True),
    Action(
        "hold",
        ("h",),
        "hold",
        "Keep a queued session waiting; again: release",
        LISTS,
        (Trigger.HOLD, Trigger.RELEASE),
    ),
    Action(
        "trash",
        ("D",),
        "trash",
        "Move an ended session to the trash; asks first",
        LISTS,
        (Trigger.REMOVE,),
    ),
    Action("next", ("right_square_bracket",), "next", "Go to the next session", (SESSION,)),
    Action(
        "previous", ("left_square_bracket",), "previous", "Go to the previous session", (SESSION,)
    ),
    Action("tab(1)", ("1",), "charts", "Show the charts", (SESSION,), is_in_footer=False),
    Action("tab(2)", ("2",), "parameters", "Show the parameters", (SESSION,), is_in_footer=False),
    Action("tab(3)", ("3",), "checkpoints", "Show the checkpoints", (SESSION,), is_in_footer=False),
    Action("tab(4)", ("4",), "log", "Show and follow the log", (SESSION,), is_in_footer=False),
    Action("start", ("ctrl+r",), "start", "Start the session, from any field", (FORM,)),
    Action(
        "next_field",
        ("down", "tab"),
        "next field",
        "Go to the next field",
        (FORM,),
    ),
    Action(
        "previous_field",
        ("up", "shift+tab"),
        "previous",
        "Go to the previous field",
        (FORM,),
        is_in_footer=False,
    ),
    Action("move(1)", ("down", "j"), "down", "Move down", LISTS, is_in_footer=False),
    Action("move(-1)", ("up", "k"), "up", "Move up", LISTS, is_in_footer=False),
    Action("go_to_end(0)", ("g", "home"), "first", "Go to the first", LISTS, is_in_footer=False),
    Action("go_to_end(1)", ("G", "end"), "last", "Go to the last", LISTS, is_in_footer=False),
    Action("page(0.5)", ("ctrl+d",), "half page", "Half a page down", LISTS, is_in_footer=False),
    Action("page(-0.5)", ("ctrl+u",), "half page", "Half a page up", LISTS, is_in_footer=False),
    Action("page(1)", ("pagedown",), "page", "A page down", LISTS, is_in_footer=False),
    Action("page(-1)", ("pageup",), "page", "A page up", LISTS, is_in_footer=False),
    Action("help", ("question_mark",), "help", "Show every key", LISTS),
    Action("help", ("f1",), "help", "Show every key", (FORM,)),
    Action("leave", ("q",), "leave", "Leave the screen; training goes on", (SESSIONS,)),
    Action("back", ("q", "escape"), "back", "Back to the sessions", (SESSION,)),
    Action("back", ("escape",), "back", "Back to the sessions; what was typed is kept", (FORM,)),
    Action(
        "app.keep_running",
        ("ctrl+c",),
        "",
        "Ends nothing: training keeps running, q leaves",
        EVERYWHERE,
        is_in_footer=False,
    ),
)

_READABLE = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "down": "↓",
    "up": "↑",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "f1": "F1",
}


def readable(key: str) -> str:
    """Return a key as it is printed on keyboards."""
    return _READABLE.get(key, key)


def actions_of(screen: str) -> list[Action]:
    """Return the actions of one screen, in table order."""
    return [action for action in ACTIONS if screen in action.screens]


def bindings_of(screen: str) -> list[BindingType]:
    """Return the key bindings of one screen."""
    return [
        Binding(
            ",".join(action.keys),
            f"ask('{action.name}')" if action.triggers else action.name,
            action.label,
            tooltip=action.tooltip,
            show=action.is_in_footer,
            priority=screen == FORM or action.name == "app.keep_running",
        )
        for action in actions_of(screen)
    ]


def find(name: str) -> Action:
    """Return the action called `name`."""
    return next(action for action in ACTIONS if action.name == name)


def trigger_of(action: Action, record: SessionRecord) -> Trigger:
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


def label_of(action: Action, record: SessionRecord | None) -> str:
    """Return the footer's word for `action`, such as resume for a paused session."""
    if record is None or len(action.triggers) < 2:
        return action.label
    trigger = trigger_of(action, record)
    return trigger.value if allows(record.state, trigger) else action.label


def why_not(action: Action, record: SessionRecord | None) -> str | None:
    """Return one sentence of why `action` does not apply, or None where it does."""
    if not action.triggers and not action.needs_session:
        return None
    if record is None:
        return "There is no session yet; press n to make one."
    if not action.triggers:
        return None
    trigger = trigger_of(action, record)
    if allows(record.state, trigger):
        return None
    return f"Session #{record.id} cannot be {_PARTICIPLES[trigger]}: {_refusal(record, trigger)}."


def _refusal(record: SessionRecord, trigger: Trigger) -> str:
    if record.is_held and trigger is Trigger.RESUME:
        return "it is held; press h to release it"
    return refusal(record.state, trigger)


_PARTICIPLES = {
    Trigger.PAUSE: "paused",
    Trigger.RESUME: "resumed",
    Trigger.STOP: "stopped",
    Trigger.KILL: "killed",
    Trigger.HOLD: "held",
    Trigger.RELEASE: "released",
    Trigger.REMOVE: "moved to the trash",
}
