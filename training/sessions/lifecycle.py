"""Session lifecycle: one table from (state, trigger) to the next state and one action.

A request moves a session to an intermediate state; only a report or the exit of its worker moves it
on. The supervisor performs the actions; nothing here touches a process.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from mnist_tui.storage.records import SessionState as S


class Trigger(StrEnum):
    """Everything that can happen to a session."""

    # Requests of users; `training.sessions.rules` has their conditions.
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    KILL = "kill"
    HOLD = "hold"
    RELEASE = "release"
    REMOVE = "rm"
    SNAPSHOT = "snapshot"
    """Leaves the state as it is, like the next two."""
    PROFILE = "profile"
    MOVE = "move"
    # Observations of the supervisor.
    SLOT_FREE = "slot_free"
    GRACE_EXPIRED = "grace_expired"
    SUPERVISOR_LOST = "supervisor_lost"
    MACHINE_RESTARTED = "machine_restarted"
    # Reports of the worker.
    READY = "ready"
    PAUSE_DONE = "pause_done"
    SELF_PAUSED = "self_paused"
    # Exits of the worker's process.
    EXIT_FINISHED = "exit_finished"
    EXIT_STOPPED = "exit_stopped"
    EXIT_ORPHANED = "exit_orphaned"
    EXIT_ERROR = "exit_error"


class SupervisorAction(StrEnum):
    """Action of the supervisor on entering the next state."""

    NOTHING = "nothing"
    START_WORKER = "start worker"
    SEND_PAUSE = "send pause"
    SEND_RESUME = "send resume"
    SEND_STOP = "send stop"
    SEND_SNAPSHOT = "send snapshot"
    SEND_PROFILE = "send profile"
    NAME_CHECKPOINT = "name checkpoint"
    KILL_WORKER = "kill worker"
    MOVE_TO_TRASH = "move to trash"


class Transition(NamedTuple):
    """Next state and the action of the supervisor."""

    state: S
    action: SupervisorAction = SupervisorAction.NOTHING


ACTIVE = frozenset({S.STARTING, S.RUNNING, S.PAUSING, S.PAUSED, S.STOPPING, S.KILLING})
"""A worker process exists, and with it a slot is taken."""

ENDED = frozenset({S.STOPPED, S.KILLED, S.FAILED, S.FINISHED, S.INTERRUPTED})
"""No worker exists; only an interrupted session may restart without a request."""

RESTARTABLE = ENDED - {S.FINISHED}

_WITHOUT_SUPERVISOR = {
    S.PAUSING: S.STOPPED,
    S.PAUSED: S.STOPPED,
    S.STOPPING: S.STOPPED,
    S.KILLING: S.KILLED,
}


def _table() -> dict[tuple[S, Trigger], Transition]:
    table = {
        (S.QUEUED, Trigger.SLOT_FREE): Transition(S.STARTING, SupervisorAction.START_WORKER),
        (S.QUEUED, Trigger.STOP): Transition(S.STOPPED),
        (S.QUEUED, Trigger.KILL): Transition(S.KILLED),
        (S.QUEUED, Trigger.HOLD): Transition(S.QUEUED),
        (S.QUEUED, Trigger.RELEASE): Transition(S.QUEUED),
        (S.QUEUED, Trigger.MOVE): Transition(S.QUEUED),
        (S.QUEUED, Trigger.REMOVE): Transition(S.QUEUED, SupervisorAction.MOVE_TO_TRASH),
        (S.STARTING, Trigger.READY): Transition(S.RUNNING),
        (S.STARTING, Trigger.STOP): Transition(S.STOPPING, SupervisorAction.SEND_STOP),
        (S.RUNNING, Trigger.PAUSE): Transition(S.PAUSING, SupervisorAction.SEND_PAUSE),
        (S.RUNNING, Trigger.STOP): Transition(S.STOPPING, SupervisorAction.SEND_STOP),
        (S.RUNNING, Trigger.SELF_PAUSED): Transition(S.PAUSED),
        (S.PAUSING, Trigger.PAUSE_DONE): Transition(S.PAUSED),
        (S.PAUSING, Trigger.STOP): Transition(S.STOPPING, SupervisorAction.SEND_STOP),
        (S.PAUSED, Trigger.RESUME): Transition(S.RUNNING, SupervisorAction.SEND_RESUME),
        (S.PAUSED, Trigger.STOP): Transition(S.STOPPING, SupervisorAction.SEND_STOP),
        (S.RUNNING, Trigger.SNAPSHOT): Transition(S.RUNNING, SupervisorAction.SEND_SNAPSHOT),
        (S.RUNNING, Trigger.PROFILE): Transition(S.RUNNING, SupervisorAction.SEND_PROFILE),
        (S.PAUSED, Trigger.SNAPSHOT): Transition(S.PAUSED, SupervisorAction.SEND_SNAPSHOT),
        (S.QUEUED, Trigger.SNAPSHOT): Transition(S.QUEUED, SupervisorAction.NAME_CHECKPOINT),
        (S.STOPPING, Trigger.GRACE_EXPIRED): Transition(S.KILLING, SupervisorAction.KILL_WORKER),
        # Reports that were on their way when the request was made.
        (S.STOPPING, Trigger.READY): Transition(S.STOPPING),
        (S.PAUSING, Trigger.SELF_PAUSED): Transition(S.PAUSING),
        (S.STOPPING, Trigger.PAUSE_DONE): Transition(S.STOPPING),
        (S.STOPPING, Trigger.SELF_PAUSED): Transition(S.STOPPING),
        (S.KILLING, Trigger.READY): Transition(S.KILLING),
        (S.KILLING, Trigger.PAUSE_DONE): Transition(S.KILLING),
        (S.KILLING, Trigger.SELF_PAUSED): Transition(S.KILLING),
        # The user's kill is the cause, whatever the exit looked like.
        (S.KILLING, Trigger.EXIT_ERROR): Transition(S.KILLED),
    }
    for state in ACTIVE:
        table[state, Trigger.EXIT_FINISHED] = Transition(S.FINISHED)
        table[state, Trigger.EXIT_STOPPED] = Transition(S.STOPPED)
        table.setdefault((state, Trigger.EXIT_ERROR), Transition(S.FAILED))
        # A worker that lost its supervisor saved and exited: the user's request still holds.
        orphaned = Transition(_WITHOUT_SUPERVISOR.get(state, S.INTERRUPTED))
        table[state, Trigger.EXIT_ORPHANED] = orphaned
        table[state, Trigger.SUPERVISOR_LOST] = orphaned
        table[state, Trigger.MACHINE_RESTARTED] = Transition(S.INTERRUPTED)
        if state is not S.KILLING:
            table[state, Trigger.KILL] = Transition(S.KILLING, SupervisorAction.KILL_WORKER)
    for state in RESTARTABLE:
        table[state, Trigger.RESUME] = Transition(S.QUEUED)
    for state in ENDED:
        table[state, Trigger.REMOVE] = Transition(state, SupervisorAction.MOVE_TO_TRASH)
        table[state, Trigger.SNAPSHOT] = Transition(state, SupervisorAction.NAME_CHECKPOINT)
    return table


TRANSITIONS = _table()


class InvalidTransitionError(Exception):
    """The trigger has no row for this state."""

    def __init__(self, state: S, trigger: Trigger) -> None:
        super().__init__(f"no transition from {state} on {trigger}")
        self.state = state
        self.trigger = trigger


def advance(state: S, trigger: Trigger) -> Transition:
    """Return the transition from `state` on `trigger`.

    Raises:
        InvalidTransitionError: The table has no such row.
    """
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise InvalidTransitionError(state, trigger) from None


def allows(state: S, request: Trigger) -> bool:
    """Return True if the lifecycle has a transition for `request`; `rules.why_not` decides."""
    return (state, request) in TRANSITIONS
