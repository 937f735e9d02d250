from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.lifecycle import Trigger, allows
from mnist_tui.tui.app.app import MnistTuiApp
from mnist_tui.tui.forms.form_draft import Draft
from mnist_tui.tui.keys.key_action import (
    COMPARE,
    DATA,
    DEVICES,
    EVERYWHERE,
    FORM,
    GROUPS,
    SESSION,
    SESSIONS,
    STUDY,
)
from mnist_tui.tui.keys.key_rules import (
    able_for,
    actions_of,
    applies,
    call_of,
    find,
    label_of,
    trigger_of,
    why_not,
)
from mnist_tui.tui.keys.key_table import ACTIONS
from mnist_tui.tui.screens.compare import CompareScreen
from mnist_tui.tui.screens.data import DataScreen
from mnist_tui.tui.screens.devices import DevicesScreen
from mnist_tui.tui.screens.new_session import NewSessionScreen
from mnist_tui.tui.screens.session import SessionScreen
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.screens.study import StudyScreen
from mnist_tui.tui.state.messages import DataOpened
from tests.tui.driving import services_in
from tests.tui.samples import make_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mnist_tui.tui.behaviors.base_screen import BaseScreen


@pytest.mark.parametrize("screen", EVERYWHERE)
def test_no_key_means_two_things_on_one_screen(screen: str) -> None:
    keys = Counter(key for action in actions_of(screen) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", EVERYWHERE)
async def test_every_action_of_a_screen_is_run_by_it_or_a_behavior(
    name: str, tmp_path: Path
) -> None:
    services = services_in(tmp_path)
    request = DataOpened("", tmp_path, {})
    make_screens: dict[str, Callable[[], BaseScreen]] = {
        SESSIONS: lambda: SessionsScreen(services, ""),
        SESSION: lambda: SessionScreen(services, 1),
        COMPARE: lambda: CompareScreen(services, (1, 2)),
        DEVICES: lambda: DevicesScreen(services),
        DATA: lambda: DataScreen(services, request),
        STUDY: lambda: StudyScreen(services, "run"),
        FORM: lambda: NewSessionScreen(services, Draft({}), lambda *_: None),
    }
    screen = make_screens[name]()
    for action in actions_of(name):
        method = call_of(action, action.keys[0]).partition("(")[0]
        if method == "run":
            _, called, *_ = call_of(action, action.keys[0]).split("'")
            assert screen.find_action(called), action
        else:
            assert hasattr(MnistTuiApp, method.replace("app.", "action_")), action


def test_every_action_explains_itself_under_a_heading() -> None:
    assert all(action.tooltip and len(action.tooltip) <= 46 for action in ACTIONS)
    assert all(action.group in GROUPS and action.screens for action in ACTIONS)


def test_every_screen_tells_how_to_get_help_and_how_to_leave_in_its_footer() -> None:
    for screen in EVERYWHERE:
        shown = {action.name for action in actions_of(screen) if action.is_in_footer}
        assert "help" in shown
        assert shown & {"back", "leave"}


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
    assert label_of(find("pause"), [record]) == trigger.value


def test_hold_releases_what_is_held() -> None:
    queued = make_record(1, SessionState.QUEUED)
    held = make_record(1, SessionState.QUEUED, is_held=True)
    assert trigger_of(find("hold"), queued) is Trigger.HOLD
    assert trigger_of(find("hold"), held) is Trigger.RELEASE
    assert f"press {find('hold').key} to release" in (why_not(find("pause"), held) or "")


def test_a_pinned_session_is_not_moved_to_the_trash() -> None:
    ended = make_record(1, SessionState.FINISHED)
    assert why_not(find("trash"), ended) is None
    pinned = msgspec.structs.replace(ended, is_pinned=True)
    assert "pinned" in (why_not(find("trash"), pinned) or "")


def test_of_many_sessions_those_are_paused_that_run_before_any_is_resumed() -> None:
    running, paused = make_record(1), make_record(2, SessionState.PAUSED)
    finished = make_record(3, SessionState.FINISHED)
    assert able_for(find("pause"), [finished, paused, running]) == (Trigger.PAUSE, [running])
    assert able_for(find("pause"), [finished, paused]) == (Trigger.RESUME, [paused])
    assert able_for(find("pause"), [finished]) == (None, [])


def test_what_acts_on_many_applies_where_it_does_to_one_of_those_marked() -> None:
    running, finished = make_record(1), make_record(2, SessionState.FINISHED)
    assert applies(find("stop"), finished, [finished, running])
    assert not applies(find("stop"), running, [finished])
    assert not applies(find("move_in_queue(1)"), finished, [make_record(3, SessionState.QUEUED)])


@pytest.mark.parametrize("state", SessionState)
def test_only_queued_sessions_move_in_the_queue(state: SessionState) -> None:
    sentence = why_not(find("move_in_queue(1)"), make_record(7, state))
    assert (sentence is None) == (state is SessionState.QUEUED)


def test_without_sessions_every_session_key_says_how_to_make_one() -> None:
    for action in actions_of(SESSIONS):
        if action.triggers or action.needs_session:
            assert "press n" in (why_not(action, None) or "")


@pytest.mark.parametrize("name", ["evaluate", "outliers"])
def test_a_model_is_asked_only_once_it_has_learnt_something(name: str) -> None:
    early = make_record(7, step=0)
    assert (why_not(find(name), early) or "").startswith("Session #7 has learnt nothing yet")
    assert not applies(find(name), early, [early])
    assert why_not(find(name), make_record(7, step=1)) is None
