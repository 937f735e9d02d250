"""Kills supervisors while clients ask for changes, and holds what comes back against the rules."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mnist_tui.storage import folders
from mnist_tui.storage.lock import is_locked
from mnist_tui.storage.records import SessionRecord
from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.client import Client, Refused, Unreachable, as_record
from mnist_tui.training.protocol.requests import ChangeState, Create, List
from mnist_tui.training.sessions.lifecycle import ACTIVE, Trigger
from mnist_tui.training.sessions.rules import REQUESTS, why_not
from tests.deadlines import wait_until
from tests.harness import still_running
from tests.system.processes import answering_pid, guards_of, supervisors_of

if TYPE_CHECKING:
    from pathlib import Path

    import psutil

    from tests.harness import Workspace

MAX_SESSIONS = 6
MAX_DELAYS_S = (0.1, 0.6, 4.0)
"""One of them bounds the time from the first request to the kill."""
SHARE_RUNNING = 0.8
"""Of the kills, how many wait until some session trains."""
RECOVERY_TIMEOUT_S = 5.0
LEAVE_TIMEOUT_S = 30.0

CHEAP: dict[str, Any] = {"model": "lenet", "threads": 1, "device": "cpu", "validation": 100}
ENDLESS = {**CHEAP, "epochs": 100_000, "batch_size": 8, "log_every": 5, "checkpoint_every": 0.5}
SHORT = {**CHEAP, "epochs": 1, "batch_size": 512}

WEIGHTS = {Trigger.PAUSE: 8, Trigger.RESUME: 8, Trigger.RELEASE: 4, Trigger.REMOVE: 2}
"""How often each request is made where it is possible; 1 for those not named."""


@dataclass
class Acknowledged:
    """What the supervisor has said yes to, and what it had not answered when it died."""

    records: dict[int, SessionRecord] = field(default_factory=dict)
    """The newest record told of each session."""
    removed: set[int] = field(default_factory=set)
    open_request: tuple[str, int] | None = None
    """(command, session or 0) without an answer."""


class Asker(threading.Thread):
    """A client that keeps asking for changes until its supervisor is gone."""

    def __init__(self, workspace: Workspace, seed: int) -> None:
        super().__init__(daemon=True)
        self.said = Acknowledged()
        self.failure: BaseException | None = None
        self._workspace = workspace
        self._random = random.Random(seed)

    def run(self) -> None:
        try:
            with suppress(Unreachable), Client.connect(self._workspace.home) as client:
                while True:
                    self._ask(client)
                    time.sleep(self._random.uniform(0, 0.15))
        except Exception as error:  # noqa: BLE001 — told by the thread that waits for this one
            self.failure = error

    def _ask(self, client: Client) -> None:
        records = client.records(List)
        if len(records) < MAX_SESSIONS and self._random.random() < 0.4:
            self._create(client)
            return
        choices = [
            (record.id, request)
            for record in records
            for request in sorted(REQUESTS)
            if why_not(record, request) is None
        ]
        if choices:
            weights = [WEIGHTS.get(request, 1) for _, request in choices]
            self._change(client, *self._random.choices(choices, weights)[0])

    def _create(self, client: Client) -> None:
        self.said.open_request = ("new", 0)
        parameters = self._random.choice((ENDLESS, ENDLESS, SHORT))
        is_held = self._random.random() < 0.3
        payload = client.request(
            Create, parameters=parameters, data_dir=str(self._workspace.data_dir), is_held=is_held
        )
        self._keep(as_record(payload))

    def _change(self, client: Client, session: int, request: Trigger) -> None:
        self.said.open_request = (request.value, session)
        try:
            payload = client.request(ChangeState, session_id=session, action=request)
        except Refused:
            self.said.open_request = None  # it changed meanwhile
            return
        if payload is None:
            self.said.removed.add(session)
            self.said.records.pop(session, None)
            self.said.open_request = None
        else:
            self._keep(as_record(payload))

    def _keep(self, record: SessionRecord) -> None:
        self.said.records[record.id] = record
        self.said.open_request = None


@dataclass
class Tally:
    """All kills: what they hit, how long the way back took, and what was wrong."""

    seed: int
    kills: int = 0
    without_guard: int = 0
    states: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    recovery_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    num_checked: int = 0

    def table(self) -> str:
        slowest = max(self.recovery_s, default=0.0)
        found = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        asked = ", ".join(f"{count} {name}" for name, count in sorted(self.unanswered.items()))
        return "\n".join(
            [
                f"{self.kills} kills of supervisors, {self.without_guard} after their guard,"
                f" seed {self.seed}",
                f"sessions at the kill: {found}",
                f"requests without an answer at the kill: {asked or 'none'}",
                f"back within {slowest:.2f} s at most",
                f"{self.num_checked} sessions held against the rules, wrong: {len(self.wrong)}",
                *self.wrong,
            ]
        )


class Trial:
    """One kill in a home that lives on."""

    def __init__(self, workspace: Workspace, seed: int, tally: Tally) -> None:
        self._workspace = workspace
        self._random = random.Random(seed)
        self._seed = seed
        self._tally = tally
        self._everyone: list[psutil.Process] = []

    def run(self, *, spares_guard: bool) -> None:
        workspace = self._workspace
        if self._random.random() < SHARE_RUNNING:
            self._reach_running()
        _ = workspace.client
        workspace.disconnect()
        asker = Asker(workspace, self._seed)
        asker.start()
        time.sleep(self._random.uniform(0, self._random.choice(MAX_DELAYS_S)))
        before = self._kill(spares_guard=spares_guard)
        asker.join(10)
        assert asker.failure is None, asker.failure
        self._count(before, asker.said, spares_guard=spares_guard)
        self._check_acknowledged(before, asker.said)
        self._check_after(before)
        if len(supervisors_of(workspace)) != 1:
            self._complain("there is not exactly one supervisor")

    def _reach_running(self) -> None:
        """Wait until some session trains."""
        workspace = self._workspace
        if not any(_will_run(record) for record in workspace.records()):
            workspace.create(parameters=ENDLESS)
        wait_until(
            lambda: S.RUNNING in {record.state for record in workspace.records()},
            "a session trains",
        )

    def check_nobody_is_left(self) -> None:
        """Wait until whoever was there before the kill has gone."""
        alive = still_running(self._everyone, LEAVE_TIMEOUT_S)
        for process in alive:
            self._complain(f"{process} outlived its supervisor")

    def _kill(self, *, spares_guard: bool) -> dict[int, SessionRecord]:
        """Kill, read what is on disk, and let the supervisor come back."""
        workspace = self._workspace
        (guard,), (supervisor,) = guards_of(workspace), supervisors_of(workspace)
        self._everyone = [one for one in workspace.processes() if one != guard]
        guard.suspend()  # so that the files can be read as the dead left them
        supervisor.kill()
        still_running([supervisor], timeout_s=5)
        wait_until(lambda: not is_locked(workspace.home.supervisor_lock), "the lock is free")
        before = {record.id: record for record in read_records(workspace.home)}
        began = time.monotonic()
        if spares_guard:
            guard.send_signal(signal.SIGCONT)
            wait_until(
                lambda: answering_pid(workspace), "the guard brings it back", RECOVERY_TIMEOUT_S
            )
        else:
            guard.kill()
            _ = workspace.client
        self._tally.recovery_s.append(time.monotonic() - began)
        return before

    def _count(
        self, before: dict[int, SessionRecord], said: Acknowledged, *, spares_guard: bool
    ) -> None:
        self._tally.kills += 1
        self._tally.without_guard += not spares_guard
        self._tally.states.update(record.state.value for record in before.values())
        if said.open_request:
            self._tally.unanswered[said.open_request[0]] += 1

    def _check_acknowledged(self, before: dict[int, SessionRecord], said: Acknowledged) -> None:
        home = self._workspace.home
        unsure = said.open_request[1] if said.open_request else 0
        for session in said.removed:
            if session in before or home.session(session).exists():
                self._complain(f"#{session} was removed and is back")
            if not (home.trash / str(session)).exists():
                self._complain(f"#{session} was removed and is not in the trash")
        for session, told in said.records.items():
            known = before.get(session)
            if known is None:
                if unsure != session:
                    self._complain(f"#{session} is lost")
            elif unsure != session and not _follows(told, known):
                self._complain(f"#{session} was told {_in_words(told)}, found {_in_words(known)}")

    def _check_after(self, before: dict[int, SessionRecord]) -> None:
        """Wait until every session is as the rules say."""
        workspace = self._workspace

        def odd() -> list[str]:
            after = {record.id: record for record in workspace.records()}
            return [
                f"#{session} was {_in_words(record)}, became {_in_words(after.get(session))}"
                for session, record in before.items()
                if session not in after or not is_as_designed(record, after[session])
            ]

        self._tally.num_checked += len(before)
        with suppress(AssertionError):
            wait_until(lambda: not odd(), "every session is as designed", LEAVE_TIMEOUT_S)
        for complaint in odd():
            self._complain(complaint)
        for session in before:
            if not _is_ordered(generations(workspace.home.session(session) / folders.METRICS)):
                self._complain(f"#{session}: the rows of two workers interleave")

    def _complain(self, text: str) -> None:
        self._tally.wrong.append(f"kill {self._tally.kills} (seed {self._seed}): {text}")


def is_as_designed(before: SessionRecord, after: SessionRecord) -> bool:
    """Return whether `after` is what the death of the supervisor may make of `before`."""
    goes_on = {S.QUEUED, S.STARTING, S.RUNNING, S.FINISHED}
    match before.state:
        case S.QUEUED if before.is_held:
            return (after.state, after.is_held) == (S.QUEUED, True)
        case S.QUEUED:
            return after.state in goes_on and after.recoveries == before.recoveries
        case S.STARTING | S.RUNNING if len(before.recoveries) >= 3:
            return after.state is S.INTERRUPTED and "3 times in 10 minutes" in (after.cause or "")
        case S.STARTING | S.RUNNING:
            is_counted = len(after.recoveries) == len(before.recoveries) + 1
            return after.state in goes_on and is_counted
        case S.PAUSING | S.PAUSED | S.STOPPING:
            return (after.state, after.cause) == (S.STOPPED, "supervisor restarted")
        case S.KILLING:
            return after.state is S.KILLED
        case S.INTERRUPTED if before.cause == "supervisor restarted":
            return after.state in goes_on or "3 times" in (after.cause or "")
        case _:
            return (after.state, after.cause) == (before.state, before.cause)


def _will_run(record: SessionRecord) -> bool:
    is_waiting = record.state is S.QUEUED and not record.is_held
    return is_waiting or record.state in (S.STARTING, S.RUNNING)


def _follows(told: SessionRecord, found: SessionRecord) -> bool:
    """Return whether `found` can be what became of `told` while no one asked for more."""
    if told.generation > found.generation:
        return False
    if told.state in ACTIVE or (told.state is S.QUEUED and not told.is_held):
        return True  # workers move on by themselves
    return (told.state, told.is_held) == (found.state, found.is_held)


def generations(metrics: Path) -> list[int]:
    """Return the generation of every row in the order in which they were written."""
    try:
        lines = metrics.read_bytes().split(b"\n")[1:-1]
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        with suppress(ValueError, KeyError):  # half a line, where a worker was killed
            found.append(int(json.loads(line)["generation"]))
    return found


def _is_ordered(numbers: list[int]) -> bool:
    return numbers == sorted(numbers)


def _in_words(record: SessionRecord | None) -> str:
    if record is None:
        return "nothing"
    held = ", held" if record.is_held else ""
    return f"{record.state}{held} ({record.cause}; {len(record.recoveries)} recoveries)"
