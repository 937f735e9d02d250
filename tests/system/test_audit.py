"""The audit log: every command and state change, who, when asked, when seen, when done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.audit import read_audit
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.sessions.lifecycle import Trigger
from tests.system.command import json_of, mnist_tui
from tests.system.processes import kill_supervisor

if TYPE_CHECKING:
    from mnist_tui.storage.history import HistoryEntry
    from tests.harness import Workspace


def entries_of(workspace: Workspace, session: int) -> list[HistoryEntry]:
    lines = read_audit(workspace.home.audit)
    return [line.entry for line in lines if line.session_id == session]


def states_told(entries: list[HistoryEntry]) -> list[str]:
    return [entry.text.partition(":")[0] for entry in entries if entry.event == "changed"]


def test_every_command_and_state_change_is_told_across_a_dead_supervisor_and_the_trash(
    workspace: Workspace,
) -> None:
    session = workspace.create(is_held=True)
    with pytest.raises(Refused):
        workspace.request(Trigger.PAUSE, session)
    workspace.request(Trigger.RELEASE, session)
    workspace.reach_step(session, 5)
    workspace.request(Trigger.PAUSE, session)
    workspace.reach(session, S.PAUSED)
    workspace.request(Trigger.RESUME, session)
    kill_supervisor(workspace)
    workspace.reach(session, S.RUNNING)
    workspace.request(Trigger.STOP, session)
    workspace.reach(session, S.STOPPED)
    workspace.request(Trigger.REMOVE, session)
    assert (workspace.home.trash / str(session)).exists()

    entries = entries_of(workspace, session)
    assert states_told(entries) == [
        *("queued", "queued", "starting", "running", "pausing", "paused", "running"),
        *("interrupted", "queued", "starting", "running", "stopping", "stopped"),
    ]
    assert [entry.time for entry in entries] == sorted(entry.time for entry in entries)
    commands = {entry.number: entry.command for entry in entries if entry.event == "requested"}
    assert list(commands.values()) == ["pause", "release", "pause", "resume", "stop", "rm"]
    asked_for = [entry for entry in entries if entry.number in commands]
    events = {(commands[entry.number], entry.event): entry for entry in asked_for}
    assert events.keys() >= {
        *((command, "requested") for command in commands.values()),
        ("pause", "refused"),
        *((command, "done") for command in ("release", "pause", "stop", "rm")),
        *((command, "seen") for command in ("pause", "stop")),
    }
    for command in ("pause", "stop"):
        asked, seen, done = (events[command, event] for event in ("requested", "seen", "done"))
        assert asked.time <= seen.time <= done.time
        assert seen.step is not None
    who = {entry.by for entry in entries if entry.event == "requested"}
    assert who == {f"cli pid {os.getpid()}"}


def test_the_command_shows_the_same_with_and_without_a_supervisor(workspace: Workspace) -> None:
    session = workspace.create(is_held=True, name="noted")
    workspace.request(Trigger.STOP, session)
    while_running = json_of(workspace.home, "audit")
    workspace.shut_down()

    rows = json_of(workspace.home, "audit")

    assert rows == while_running
    assert [(row["session_id"], row["event"], row["command"]) for row in rows] == [
        (session, "changed", "new"),
        (session, "requested", "stop"),
        (session, "changed", None),
        (session, "done", None),
    ]
    assert len({row["number"] for row in rows[1:] if row["number"]}) == 1
    shown = mnist_tui(workspace.home, "audit")
    assert shown.returncode == 0
    assert len(shown.stdout.splitlines()) == 1 + len(rows)
    assert shown.stdout.splitlines()[0].split()[:3] == ["TIME", "ID", "EVENT"]


def test_an_empty_home_has_nothing_to_tell(workspace: Workspace) -> None:
    shown = mnist_tui(workspace.home, "audit")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "Nothing has happened" in shown.stderr
    assert json_of(workspace.home, "audit") == []
    assert not workspace.processes(), "reading starts nothing"
