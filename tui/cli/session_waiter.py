"""Waiter for the end of sessions, by events of the supervisor instead of polling."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.client import LOST, Client, Unreachable
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.protocol.requests import Subscribe
from mnist_tui.training.sessions.hardware import boot_id
from mnist_tui.training.sessions.recovery import goes_on_by_itself
from mnist_tui.tui.terminal.output import ProgressLine, say
from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event

FINISHED, NOT_FINISHED, TIMED_OUT = 0, 1, 124
RECONNECT_S = 30.0
RECONNECT_INTERVAL_S = 0.2


class WaitResult(NamedTuple):
    """Outcome of a session that need not be waited for."""

    sentence: str = ""
    """Empty for a finished one."""
    is_blocked: bool = False
    """The user must act first, so waiting for the others makes no sense either."""


def outcome_of(record: SessionRecord) -> WaitResult | None:
    """Return the outcome of a session, None while it proceeds by itself."""
    name = f"#{record.id} {record.name}"
    cause = f": {record.cause}" if record.cause else ""
    resume = f"`mnist-tui resume {record.id}` goes on"
    match record.state:
        case SessionState.FINISHED:
            return WaitResult()
        case SessionState.PAUSED:
            return WaitResult(f"{name} is paused; {resume}.", is_blocked=True)
        case SessionState.QUEUED if record.is_held:
            release = f"`mnist-tui release {record.id}` lets it start"
            return WaitResult(f"{name} is held; {release}.", is_blocked=True)
        case SessionState.FAILED:
            return WaitResult(f"{name} failed{cause}; see `mnist-tui logs {record.id}`.")
        case SessionState.STOPPED | SessionState.KILLED:
            return WaitResult(f"{name} was {record.state}{cause}; {resume}.")
        case SessionState.INTERRUPTED if not goes_on_by_itself(record, boot_id()):
            return WaitResult(f"{name} was interrupted{cause}; {resume}.")
        case _:
            return None


class TrackedSessions:
    """Newest records of several sessions, including those that went to the trash meanwhile."""

    def __init__(self, records: Iterable[SessionRecord]) -> None:
        self.newest = {record.id: record for record in records}
        self._removed: set[int] = set()

    def put(self, record: SessionRecord) -> bool:
        """Replace the record of a session; return False if it is not tracked."""
        if record.id not in self.newest:
            return False
        self.newest[record.id] = record
        return True

    def remove(self, session_id: int) -> bool:
        """Mark a session as removed; return False if it is not tracked."""
        if session_id in self.newest:
            self._removed.add(session_id)
        return session_id in self.newest

    def replace(self, records: Iterable[SessionRecord]) -> None:
        """Replace all records; tracked sessions that are not among them are removed."""
        by_id = {record.id: record for record in records}
        for session_id in self.newest:
            if session_id in by_id:
                self.newest[session_id] = by_id[session_id]
            else:
                self._removed.add(session_id)

    def outcomes(self) -> list[WaitResult | None]:
        """Return the outcome of each session, None for those that proceed by themselves."""
        return [
            WaitResult(f"#{record.id} {record.name} was moved to the trash.")
            if record.id in self._removed
            else outcome_of(record)
            for record in self.newest.values()
        ]

    def report(self) -> int:
        """Print the sessions that did not finish and return the exit code."""
        outcomes = self.outcomes()
        for each in outcomes:
            if each is not None and each.sentence:
                say(each.sentence)
        has_finished = all(each is not None and not each.sentence for each in outcomes)
        return FINISHED if has_finished else NOT_FINISHED


class SessionWaiter:
    """Waits for several sessions until each has an outcome."""

    def __init__(self, records: Sequence[SessionRecord]) -> None:
        self._sessions = TrackedSessions(records)

    def is_over(self) -> bool:
        """Return True if all have an outcome, or one waits for the user."""
        outcomes = self._sessions.outcomes()
        return all(outcomes) or any(each and each.is_blocked for each in outcomes)

    def report(self) -> int:
        """Print the sessions that did not finish and return the exit code."""
        return self._sessions.report()

    def follow(self, client: Client, home: Home) -> None:
        """Process events until it is over, also across a restart of the supervisor.

        Raises:
            Unreachable: The supervisor was lost and none came back.
        """
        with ProgressLine() as line:
            while not self._follow_one(client, line):
                line.show("the supervisor is gone; connecting again…")
                client = reconnect(home)

    def _follow_one(self, client: Client, line: ProgressLine) -> bool:
        with client:
            try:
                self._sessions.replace(client.records(Subscribe))
                line.show(self._summary())
                if self.is_over():
                    return True
                for event in client.events():
                    if not self._take(event):
                        continue
                    line.show(self._summary())
                    if self.is_over():
                        return True
            except Unreachable:
                return False
        return False

    def _take(self, event: Event) -> bool:
        """Process an event; return False if it is about another session."""
        match event:
            case SessionChanged(record=record):
                return self._sessions.put(record)
            case SessionRemoved(session_id=session_id):
                return self._sessions.remove(session_id)
            case _:
                return False

    def _summary(self) -> str:
        moving = [each for each in self._sessions.newest.values() if outcome_of(each) is None]
        return "   ".join(progress_text(record) for record in moving)


def progress_text(record: SessionRecord) -> str:
    """Return a short text on the progress of a session."""
    figures = record.progress
    parts = [f"#{record.id} {formatting.state_look(record).word}"]
    if record.state is SessionState.QUEUED and record.cause:
        parts.append(record.cause)
    if figures.position.step:
        parts.append(f"epoch {formatting.epochs(record)}")
        parts.append(f"loss {formatting.loss(figures.train_loss)}")
        parts.append(f"accuracy {formatting.percent(figures.train_accuracy)} %")
    if record.state is SessionState.RUNNING and figures.eta_s is not None:
        parts.append(f"{formatting.duration(figures.eta_s)} left")
    return "  ".join(parts)


class TimeIsUpError(Exception):
    """The time limit of a command has passed."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise TimeIsUpError in the block once `seconds` have passed; None sets no limit."""

    def ring(*_: object) -> None:
        raise TimeIsUpError

    if seconds is None:
        yield
        return
    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def wait_for(records: Sequence[SessionRecord], connect: Callable[[], Client], home: Home) -> int:
    """Wait for the outcome of all, print those that did not finish, and return the exit code."""
    waiting = SessionWaiter(records)
    if not waiting.is_over():
        waiting.follow(connect(), home)
    return waiting.report()


def reconnect(home: Home) -> Client:
    """Return a connection to the successor of a lost supervisor.

    Raises:
        Unreachable: There is none in time.
    """
    deadline = time.monotonic() + RECONNECT_S
    while True:
        try:
            return Client.connect(home)
        except Unreachable as error:
            if time.monotonic() > deadline:
                raise Unreachable(LOST) from error
        time.sleep(RECONNECT_INTERVAL_S)
