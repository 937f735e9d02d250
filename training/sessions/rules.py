"""Request rules: the reasons for refusing a request, and the changes that one makes to a record.

Pure decisions, one entry per request. The supervisor, the commands and the keys all use them and
differ only in the remedy that they offer the user.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.records import utc_now
from mnist_tui.training.sessions.lifecycle import ENDED, TRANSITIONS, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnist_tui.storage.records import SessionRecord

WAITS_FOR_SLOT = "waits for a free slot"


class RequestRefusedError(Exception):
    """A request that cannot be carried out; the text is a sentence for the user."""


class Obstacle(StrEnum):
    """A property of a session that makes a request impossible."""

    STATE = "state"
    """The lifecycle has no transition for the request."""
    HELD = "held"
    NOT_HELD = "not held"
    PINNED = "pinned"


_IS_MET: dict[Obstacle, Callable[[SessionRecord], bool]] = {
    Obstacle.HELD: lambda record: record.is_held,
    Obstacle.NOT_HELD: lambda record: not record.is_held,
    Obstacle.PINNED: lambda record: record.is_pinned,
}


@dataclass(frozen=True)
class RequestRule:
    """Conditions and wording of one request."""

    done: str
    """Participle for a request that was carried out, such as paused."""
    goal: S | None = None
    """State in which a request is complete that takes the worker a moment; None for the others."""
    is_transition: bool = True
    """True if `ChangeState` carries it; the others have a message of their own."""
    obstacles: tuple[Obstacle, ...] = ()
    """Properties that rule the request out, beside the state."""
    advice: Mapping[S, str] = field(default_factory=dict)
    """Half a sentence for each state that deserves its own explanation."""
    otherwise: str = ""
    """Half a sentence for the other states; `{state}` stands for the state's name."""


_STARTING = "it is still starting; wait until it runs"
_STOPPING = "it is stopping; resume it once it has stopped"

RULES: dict[Trigger, RequestRule] = {
    Trigger.PAUSE: RequestRule(
        "paused",
        goal=S.PAUSED,
        advice={
            S.QUEUED: "it has not started; hold it instead",
            S.STARTING: _STARTING,
            S.PAUSING: "it is pausing already",
            S.STOPPING: _STOPPING,
        },
    ),
    Trigger.RESUME: RequestRule(
        "resumed",
        obstacles=(Obstacle.HELD,),
        advice={
            S.QUEUED: "it waits in the queue already",
            S.STARTING: "it is starting already",
            S.RUNNING: "it is running already",
            S.PAUSING: "it is still pausing; wait until it is paused",
            S.STOPPING: _STOPPING,
            S.FINISHED: "it is finished; make a new session to train again",
        },
    ),
    Trigger.STOP: RequestRule(
        "stopped", goal=S.STOPPED, advice={S.STOPPING: "it is stopping already"}
    ),
    Trigger.KILL: RequestRule(
        "killed", goal=S.KILLED, advice={S.KILLING: "it is being killed already"}
    ),
    Trigger.HOLD: RequestRule(
        "held",
        obstacles=(Obstacle.HELD,),
        otherwise="it is {state}, and only a queued session can be held or released",
    ),
    Trigger.RELEASE: RequestRule(
        "released",
        obstacles=(Obstacle.NOT_HELD,),
        otherwise="it is {state}, and only a queued session can be held or released",
    ),
    Trigger.REMOVE: RequestRule(
        "moved to the trash",
        obstacles=(Obstacle.PINNED,),
        otherwise="it is {state}; stop or kill it first",
    ),
    Trigger.MOVE: RequestRule(
        "moved",
        is_transition=False,
        obstacles=(Obstacle.HELD,),
        otherwise="it is {state}, and only a queued session has a place in the queue",
    ),
    Trigger.SNAPSHOT: RequestRule(
        "kept as a snapshot",
        is_transition=False,
        advice={
            S.STARTING: _STARTING,
            S.PAUSING: "it is still pausing; wait until it is paused",
            S.STOPPING: "it is stopping; try again once it has stopped",
            S.KILLING: "it is being killed; try again once it has ended",
        },
    ),
    Trigger.PROFILE: RequestRule(
        "profiled",
        is_transition=False,
        advice={
            S.QUEUED: "it waits in the queue; try again once it runs",
            S.STARTING: _STARTING,
            S.PAUSED: "it is paused; resume it, then try again",
        },
        otherwise="it is {state}, and only a session that trains can be profiled",
    ),
}
"""Every request that users can make of a session's training."""

REQUESTS = frozenset(request for request, rule in RULES.items() if rule.is_transition)

REMEDIES: Mapping[Obstacle, str] = {
    Obstacle.HELD: "release it first (`mnist-tui release {id}`)",
    Obstacle.PINNED: "`mnist-tui pin --off {id}` unpins it",
}
"""Next step on the command line, by obstacle."""


class Refusal(NamedTuple):
    """Reason why a request cannot be made of a session now."""

    session_id: int
    request: Trigger
    obstacle: Obstacle
    state: S
    """State of the session at the time."""

    def reason(self, remedies: Mapping[Obstacle, str] = REMEDIES) -> str:
        """Return half a sentence that completes "Session #7 cannot be paused:"."""
        if self.obstacle is not Obstacle.STATE:
            is_done = self.obstacle.value == RULES[self.request].done
            remedy = remedies.get(self.obstacle, "").format(id=self.session_id)
            return f"it is {self.obstacle}{' already' if is_done else remedy and f'; {remedy}'}"
        rule = RULES.get(self.request, RequestRule(self.request))
        if advice := rule.advice.get(self.state):
            return advice
        default = "it is {state} already" if self.state in {*ENDED, rule.goal} else "it is {state}"
        return (rule.otherwise or default).format(state=self.state)

    def sentence(self, remedies: Mapping[Obstacle, str] = REMEDIES) -> str:
        """Return the refusal as a sentence for the user, with the remedies of that interface."""
        return refusal_sentence(self.session_id, self.request, self.reason(remedies))


def why_not(record: SessionRecord, request: Trigger) -> Refusal | None:
    """Return the reason why a request cannot be made of a session now, or None if it can."""
    rule = RULES.get(request, RequestRule(request))
    obstacles = [obstacle for obstacle in rule.obstacles if _IS_MET[obstacle](record)]
    # Being held says more than being queued, the state of every held session.
    is_possible = request in RULES and (record.state, request) in TRANSITIONS
    if Obstacle.HELD not in obstacles and not is_possible:
        obstacles = [Obstacle.STATE]
    return Refusal(record.id, request, obstacles[0], record.state) if obstacles else None


def refusal_sentence(session_id: int, request: Trigger, reason: str) -> str:
    """Return the sentence for the user that refuses a request for half a sentence of reason."""
    done = RULES.get(request, RequestRule(request)).done
    return f"Session #{session_id} cannot be {done}: {reason}."


def effects(record: SessionRecord, request: Trigger) -> dict[str, Any]:
    """Return the fields that a request changes in the record, the state aside."""
    is_at_rest = record.state in ENDED or record.state is S.QUEUED
    match request:
        case Trigger.HOLD:
            return {"is_held": True, "cause": None}
        case Trigger.RELEASE:
            return {"is_held": False, **_queued_last()}
        case Trigger.RESUME if is_at_rest:
            return {**_queued_last(), "ended_at": None}
        case Trigger.STOP | Trigger.KILL if is_at_rest:
            return {"cause": None, "is_held": False, "ended_at": utc_now()}
        case _:
            return {"cause": None}


def _queued_last() -> dict[str, Any]:
    return {"cause": WAITS_FOR_SLOT, "queued_at": utc_now(), "queue_key": ""}
