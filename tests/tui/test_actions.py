from __future__ import annotations

from collections import Counter

import pytest

from storage.records import SessionState
from tests.tui.samples import make_record
from training.lifecycle import Trigger, allows
from tui.actions import (
    ACTIONS,
    EVERYWHERE,
    SESSIONS,
    actions_of,
    find,
    label_of,
    trigger_of,
    why_not,
)
from tui.screens.new_session import NewSessionScreen
from tui.screens.session import SessionScreen
from tui.screens.sessions import SessionsScreen

SCREENS = {"sessions": SessionsScreen, "session": SessionScreen, "form": NewSessionScreen}


@pytest.mark.parametrize("screen", EVERYWHERE)
def test_no_key_means_two_things_on_one_screen(screen: str) -> None:
    keys = Counter(key for action in actions_of(screen) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("screen", EVERYWHERE)
def test_every_action_of_a_screen_has_a_method(screen: str) -> None:
    for action in actions_of(screen):
        if action.triggers or action.name.startswith("app."):
            continue
        assert hasattr(SCREENS[screen], f"action_{action.name.partition('(')[0]}"), action


def test_every_action_explains_itself() -> None:
    assert all(action.tooltip and len(action.tooltip) <= 46 for action in ACTIONS)


def test_nothing_lower_case_ends_or_removes_a_session() -> None:
    ending = {Trigger.STOP, Trigger.KILL, Trigger.REMOVE}
    for action in ACTIONS:
        if set(action.triggers) & ending:
            assert all(key.isupper() for key in action.keys), action


@pytest.mark.parametrize("state", SessionState)
def test_an_action_applies_exactly_where_the_lifecycle_allows_it(state: SessionState) -> None:
    record = make_record(7, state)
    for action in actions_of(SESSIONS):
        if action.triggers:
            allowed = any(allows(state, trigger) for trigger in action.triggers)
            sentence = why_not(action, record)
            assert (sentence is None) == allowed, (action.name, sentence)
            assert allowed or (sentence or "").startswith("Session #7 cannot be ")


@pytest.mark.parametrize(
    ("state", "trigger"),
    [
        (SessionState.RUNNING, Trigger.PAUSE),
        (SessionState.PAUSED, Trigger.RESUME),
        (SessionState.STOPPED, Trigger.RESUME),
        (SessionState.KILLED, Trigger.RESUME),
        (SessionState.FAILED, Trigger.RESUME),
        (SessionState.INTERRUPTED, Trigger.RESUME),
    ],
)
def test_p_pauses_what_runs_and_resumes_what_rests(state: SessionState, trigger: Trigger) -> None:
    record = make_record(1, state)
    assert trigger_of(find("pause"), record) is trigger
    assert label_of(find("pause"), record) == trigger.value


def test_h_releases_what_is_held() -> None:
    queued = make_record(1, SessionState.QUEUED)
    held = make_record(1, SessionState.QUEUED, is_held=True)
    assert trigger_of(find("hold"), queued) is Trigger.HOLD
    assert trigger_of(find("hold"), held) is Trigger.RELEASE
    assert "release" in (why_not(find("pause"), held) or "")


def test_without_sessions_every_session_key_says_how_to_make_one() -> None:
    for action in actions_of(SESSIONS):
        if action.triggers or action.needs_session:
            assert "press n" in (why_not(action, None) or "")
