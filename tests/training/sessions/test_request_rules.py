"""Requests that a session refuses, and the reasons that users read."""

from __future__ import annotations

from typing import Any

import pytest

from mnist_tui.storage.records import SessionRecord
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions.lifecycle import SupervisorAction, Trigger, advance
from mnist_tui.training.sessions.rules import REMEDIES, RULES, Obstacle, why_not


def record(state: S, **fields: Any) -> SessionRecord:
    return SessionRecord(
        id=7, name="s", parameters={}, created_at="2026-01-01T00:00:00Z", state=state, **fields
    )


def sentence(state: S, request: Trigger, **fields: Any) -> str:
    refusal = why_not(record(state, **fields), request)
    return refusal.sentence() if refusal else ""


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("request_", sorted(RULES))
def test_a_request_is_possible_or_refused_in_one_sentence(state: S, request_: Trigger) -> None:
    refusal = why_not(record(state), request_)
    if refusal is None:
        advance(state, request_)
    else:
        assert refusal.sentence().startswith(f"Session #7 cannot be {RULES[request_].done}: it ")
        assert refusal.sentence().count(".") == 1


@pytest.mark.parametrize("trigger", sorted(set(Trigger) - set(RULES)))
def test_what_only_a_worker_or_the_supervisor_does_cannot_be_requested(trigger: Trigger) -> None:
    assert all(why_not(record(state), trigger) for state in S)


@pytest.mark.parametrize("state", list(S))
def test_a_snapshot_leaves_the_state_as_it_is(state: S) -> None:
    if why_not(record(state), Trigger.SNAPSHOT) is None:
        assert advance(state, Trigger.SNAPSHOT).state is state
    else:
        assert state in {S.STARTING, S.PAUSING, S.STOPPING, S.KILLING}


@pytest.mark.parametrize("state", list(S))
def test_only_a_running_session_is_profiled_and_it_runs_on(state: S) -> None:
    if state is S.RUNNING:
        assert not sentence(state, Trigger.PROFILE)
        assert advance(state, Trigger.PROFILE) == (S.RUNNING, SupervisorAction.SEND_PROFILE)
    else:
        assert sentence(state, Trigger.PROFILE)


@pytest.mark.parametrize(
    ("request_", "state", "fields", "obstacle"),
    [
        (Trigger.HOLD, S.QUEUED, {"is_held": True}, Obstacle.HELD),
        (Trigger.RELEASE, S.QUEUED, {}, Obstacle.NOT_HELD),
        (Trigger.RELEASE, S.RUNNING, {}, Obstacle.STATE),
        (Trigger.RESUME, S.QUEUED, {"is_held": True}, Obstacle.HELD),
        (Trigger.RESUME, S.QUEUED, {}, Obstacle.STATE),
        (Trigger.MOVE, S.QUEUED, {"is_held": True}, Obstacle.HELD),
        (Trigger.REMOVE, S.FINISHED, {"is_pinned": True}, Obstacle.PINNED),
        (Trigger.REMOVE, S.RUNNING, {"is_pinned": True}, Obstacle.STATE),
    ],
)
def test_the_reason_names_the_obstacle_and_its_remedy(
    request_: Trigger, state: S, fields: dict[str, bool], obstacle: Obstacle
) -> None:
    refusal = why_not(record(state, **fields), request_)
    assert refusal is not None
    assert refusal.obstacle is obstacle
    is_done = obstacle.value == RULES[request_].done
    if obstacle in REMEDIES and not is_done:
        assert REMEDIES[obstacle].format(id=7) in refusal.sentence()
        assert "do this" in refusal.sentence({obstacle: "do this"})
