"""The order of the queue over a real supervisor: moved sessions start when they are said to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnist_tui.storage.history import read_history
from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.protocol.client import Refused
from mnist_tui.training.protocol.requests import Move
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.queue import queue_places
from tests.harness import ENDLESS
from tests.system.command import mnist_tui, output_of, running
from tests.system.processes import kill_supervisor

if TYPE_CHECKING:
    from tests.harness import Workspace

QUEUED = {**ENDLESS, "model": "lenet", "threads": 1}


@pytest.fixture
def full(workspace: Workspace) -> tuple[Workspace, list[int]]:
    """One running session in the only slot, and four that wait for it."""
    workspace.options = ("--slots", "1")
    first = running(workspace)
    return workspace, [first, *(workspace.create(parameters=QUEUED) for _ in range(4))]


def order(workspace: Workspace) -> list[int]:
    return list(queue_places(workspace.records()))


def test_a_moved_session_starts_before_older_ones_also_after_a_crash(
    full: tuple[Workspace, list[int]],
) -> None:
    workspace, (busy, a, b, c, d) = full
    workspace.client.request(Move, session_id=d, places=-2)
    assert order(workspace) == [a, d, b, c]
    workspace.client.request(Move, session_id=c, places=-100)
    assert order(workspace) == [c, a, d, b]
    workspace.client.request(Move, session_id=a, places=1)
    assert order(workspace) == [c, d, a, b]

    kill_supervisor(workspace)

    workspace.reach(c, S.RUNNING)
    assert [each for each in order(workspace) if each != busy] == [d, a, b]
    workspace.request(Trigger.KILL, c)
    workspace.reach(d, S.RUNNING)


def test_newcomers_and_released_sessions_wait_behind_a_moved_one(
    full: tuple[Workspace, list[int]],
) -> None:
    workspace, (_, a, b, c, d) = full
    workspace.client.request(Move, session_id=a, places=100)
    newcomer = workspace.create(parameters=QUEUED)
    assert order(workspace) == [b, c, d, a, newcomer]
    workspace.client.request(Move, session_id=b, places=-1)
    workspace.request(Trigger.HOLD, b)
    workspace.request(Trigger.RELEASE, b)
    assert order(workspace) == [c, d, a, newcomer, b]
    assert workspace.record(b).queue_key == ""


def test_the_command_tells_the_new_place_and_ls_why_it_waits(
    full: tuple[Workspace, list[int]],
) -> None:
    workspace, (_, a, _, c, _) = full
    moved = mnist_tui(workspace.home, "move", c, "up")
    assert (moved.returncode, moved.stdout) == (0, "")
    assert moved.stderr == f"#{c} lenet-digits is 2nd in the queue.\n"
    assert mnist_tui(workspace.home, "move", c, "first").stderr.endswith("is 1st in the queue.\n")
    assert mnist_tui(workspace.home, "move", c, "up").stderr.endswith("is 1st in the queue.\n")
    assert mnist_tui(workspace.home, "move", c, "last").stderr.endswith("is 4th in the queue.\n")
    assert mnist_tui(workspace.home, "move", c, "down").stderr.endswith("is 4th in the queue.\n")
    assert "waits for a free slot, 1st in the queue" in output_of(workspace.home, "ls")
    assert "waits for a free slot, 4th in the queue" in output_of(workspace.home, "show", c)
    rows = read_history(workspace.home.session(c) / "history.jsonl")
    assert [row.result for row in rows if row.command == "move"] == [
        "2nd in the queue, was 3rd", "1st in the queue, was 2nd", "4th in the queue, was 1st",
    ]  # fmt: skip
    assert order(workspace)[0] == a


def test_what_does_not_wait_has_no_place(full: tuple[Workspace, list[int]]) -> None:
    workspace, (busy, a, *_) = full
    with pytest.raises(Refused, match=f"#{busy} cannot be moved: it is running, and only a queued"):
        workspace.client.request(Move, session_id=busy, places=-1)
    workspace.request(Trigger.HOLD, a)
    with pytest.raises(Refused, match=f"#{a} cannot be moved: it is held; release it first"):
        workspace.client.request(Move, session_id=a, places=-1)
    refused = mnist_tui(workspace.home, "move", busy, "up")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    wrong = mnist_tui(workspace.home, "move", a, "sideways")
    assert wrong.returncode == 2
    assert "'up', 'down', 'first', 'last'" in wrong.stderr
