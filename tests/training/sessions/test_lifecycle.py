"""The lifecycle, checked against every interleaving with a worker that answers when it likes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions.lifecycle import (
    ACTIVE,
    ENDED,
    TRANSITIONS,
    InvalidTransitionError,
    SupervisorAction,
    Transition,
    Trigger,
    advance,
    allows,
)
from mnist_tui.training.sessions.rules import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Table = Mapping[tuple[S, Trigger], Transition]


MAX_IN_FLIGHT = 3

SENT = {
    SupervisorAction.SEND_PAUSE: Trigger.PAUSE,
    SupervisorAction.SEND_RESUME: Trigger.RESUME,
    SupervisorAction.SEND_STOP: Trigger.STOP,
    SupervisorAction.SEND_SNAPSHOT: Trigger.SNAPSHOT,
    SupervisorAction.SEND_PROFILE: Trigger.PROFILE,
}
EXITS = {Trigger.EXIT_FINISHED, Trigger.EXIT_STOPPED, Trigger.EXIT_ERROR, Trigger.EXIT_ORPHANED}


@dataclass(frozen=True)
class World:
    """A session, its worker, and what is on its way between them."""

    state: S = S.QUEUED
    worker: str = "none"
    """none, loading, training, paused, or gone (its exit is on its way)."""
    is_kill_sent: bool = False
    commands: tuple[Trigger, ...] = ()
    reports: tuple[Trigger, ...] = ()


class UnhandledReportError(AssertionError):
    """The table has no row for something the worker said."""


def supervisor_moves(world: World, table: Table) -> Iterator[World]:
    triggers = [
        *REQUESTS - {Trigger.REMOVE},
        Trigger.SNAPSHOT,
        Trigger.PROFILE,
        Trigger.SLOT_FREE,
        Trigger.GRACE_EXPIRED,
    ]
    for trigger in triggers:
        if (world.state, trigger) in table:
            yield enter(world, trigger, table)
    if world.reports:
        report, *rest = world.reports
        arrived = replace(world, reports=tuple(rest))
        if report in EXITS:
            arrived = replace(arrived, worker="none", is_kill_sent=False, commands=())
        if (world.state, report) not in table:
            raise UnhandledReportError(f"{report} in {world}")
        yield enter(arrived, report, table)


def enter(world: World, trigger: Trigger, table: Table) -> World:
    state, action = table[world.state, trigger]
    world = replace(world, state=state)
    if action is SupervisorAction.START_WORKER:
        return replace(world, worker="loading")
    if action is SupervisorAction.KILL_WORKER:
        return replace(world, is_kill_sent=True)
    if action in SENT:
        return replace(world, commands=(*world.commands, SENT[action]))
    return world


def worker_moves(world: World) -> Iterator[World]:
    if world.worker in ("none", "gone"):
        return
    yield says(world, Trigger.EXIT_ERROR, "gone")
    if world.is_kill_sent:
        return
    if world.worker == "loading":
        yield says(world, Trigger.READY, "training")
        return
    if world.worker == "training":
        yield says(world, Trigger.EXIT_FINISHED, "gone")
        yield says(world, Trigger.SELF_PAUSED, "paused")
    if world.commands:
        command, *rest = world.commands
        taken = replace(world, commands=tuple(rest))
        if command is Trigger.STOP:
            yield says(taken, Trigger.EXIT_STOPPED, "gone")
        elif command is Trigger.PAUSE:
            yield says(taken, Trigger.PAUSE_DONE, "paused")
        elif command is Trigger.RESUME and world.worker == "paused":
            yield replace(taken, worker="training")
        elif command in (Trigger.SNAPSHOT, Trigger.PROFILE):
            yield taken
        else:
            raise UnhandledReportError(f"the worker cannot {command} in {world}")


def says(world: World, report: Trigger, worker: str) -> World:
    return replace(world, worker=worker, reports=(*world.reports, report))


def explore(table: Table) -> set[World]:
    """Return all reachable worlds; raises on an unhandled report or a world without a way out."""
    seen = {World()}
    frontier = [World()]
    while frontier:
        world = frontier.pop()
        own = [*worker_moves(world)]
        following = [*own, *supervisor_moves(world, table)]
        if world.state in ACTIVE and not own and not world.reports:
            raise AssertionError(f"stuck: {world}")
        if world.state in ACTIVE and world.worker == "none":
            raise AssertionError(f"active without a worker: {world}")
        for nxt in following:
            is_bounded = max(len(nxt.commands), len(nxt.reports)) <= MAX_IN_FLIGHT
            if is_bounded and nxt not in seen:
                seen.add(nxt)
                frontier.append(nxt)
    return seen


def test_no_interleaving_with_an_asynchronous_worker_is_unhandled_or_stuck() -> None:
    worlds = explore(TRANSITIONS)

    assert {world.state for world in worlds} == set(S) - {S.INTERRUPTED}
    assert len(worlds) > 50


def test_the_checker_sees_a_resume_allowed_while_pausing() -> None:
    table = {
        **TRANSITIONS,
        (S.PAUSING, Trigger.RESUME): Transition(S.RUNNING, SupervisorAction.SEND_RESUME),
    }

    with pytest.raises(UnhandledReportError):
        explore(table)


@pytest.mark.parametrize("state", [S.STOPPING, S.KILLING])
@pytest.mark.parametrize("report", [Trigger.READY, Trigger.PAUSE_DONE, Trigger.SELF_PAUSED])
def test_the_checker_sees_a_missing_row_for_a_late_report(state: S, report: Trigger) -> None:
    table = {pair: to for pair, to in TRANSITIONS.items() if pair != (state, report)}

    with pytest.raises(UnhandledReportError):
        explore(table)


def test_a_killed_worker_is_killed_whatever_its_exit_looked_like() -> None:
    assert advance(S.KILLING, Trigger.EXIT_ERROR).state is S.KILLED
    assert advance(S.RUNNING, Trigger.EXIT_ERROR).state is S.FAILED
    assert advance(S.KILLING, Trigger.EXIT_FINISHED).state is S.FINISHED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.STARTING, S.INTERRUPTED),
        (S.RUNNING, S.INTERRUPTED),
        (S.PAUSING, S.STOPPED),
        (S.PAUSED, S.STOPPED),
        (S.STOPPING, S.STOPPED),
        (S.KILLING, S.KILLED),
    ],
)
def test_what_a_person_asked_for_outlives_the_supervisor(before: S, after: S) -> None:
    assert advance(before, Trigger.SUPERVISOR_LOST).state is after
    assert advance(before, Trigger.EXIT_ORPHANED).state is after


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_after_a_reboot_everything_active_is_interrupted(state: S) -> None:
    assert advance(state, Trigger.MACHINE_RESTARTED).state is S.INTERRUPTED


def test_every_ended_session_but_a_finished_one_can_be_resumed() -> None:
    assert {state for state in ENDED if allows(state, Trigger.RESUME)} == ENDED - {S.FINISHED}


def test_an_impossible_trigger_names_state_and_trigger() -> None:
    with pytest.raises(InvalidTransitionError, match="finished on pause"):
        advance(S.FINISHED, Trigger.PAUSE)
