"""Waiting until sessions have finished: by the supervisor's events, never by asking again."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from storage.records import SessionState
from training.client import LOST, Client, Unreachable
from training.hardware import boot_id
from training.protocol import SessionChanged, SessionRemoved, Subscribe
from training.recovery import goes_on_by_itself
from tui import formatting
from tui.terminal import ProgressLine, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storage.home import Home
    from storage.records import SessionRecord

FINISHED, NOT_FINISHED, TIMED_OUT = 0, 1, 124
RECONNECT_S = 30.0
RECONNECT_INTERVAL_S = 0.2


class Verdict(NamedTuple):
    """What there is to say of a session that need not be waited for."""

    sentence: str = ""
    """Empty for a finished one."""
    is_blocked: bool = False
    """Somebody must do something first: waiting for the others makes no sense either."""


def verdict(record: SessionRecord) -> Verdict | None:
    """Return what came of a session, None while it moves on by itself."""
    name = f"#{record.id} {record.name}"
    cause = f": {record.cause}" if record.cause else ""
    resume = f"`mnist-tui resume {record.id}` goes on"
    match record.state:
        case SessionState.FINISHED:
            return Verdict()
        case SessionState.PAUSED:
            return Verdict(f"{name} is paused; {resume}.", is_blocked=True)
        case SessionState.QUEUED if record.is_held:
            release = f"`mnist-tui release {record.id}` lets it start"
            return Verdict(f"{name} is held; {release}.", is_blocked=True)
        case SessionState.FAILED:
            return Verdict(f"{name} failed{cause}; see `mnist-tui logs {record.id}`.")
        case SessionState.STOPPED | SessionState.KILLED:
            return Verdict(f"{name} was {record.state}{cause}; {resume}.")
        case SessionState.INTERRUPTED if not goes_on_by_itself(record, boot_id()):
            return Verdict(f"{name} was interrupted{cause}; {resume}.")
        case _:
            return None


class Waiting:
    """Follows some sessions until all have settled."""

    def __init__(self, records: Sequence[SessionRecord]) -> None:
        self._newest = {record.id: record for record in records}
        self._removed: set[int] = set()

    def is_over(self) -> bool:
        """Whether all have settled, or one needs somebody first."""
        verdicts = self._verdicts()
        return all(verdicts) or any(each and each.is_blocked for each in verdicts)

    def tell(self) -> int:
        """Say what is not as it should be and return the exit code."""
        sentences = [each.sentence for each in self._verdicts() if each and each.sentence]
        for sentence in sentences:
            say(sentence)
        return NOT_FINISHED if sentences else FINISHED

    def follow(self, client: Client, home: Home) -> None:
        """Take events until it is over, also across a restart of the supervisor.

        Raises:
            Unreachable: The supervisor went away and none came back.
        """
        with ProgressLine() as line:
            while not self._follow_one(client, line):
                line.show("the supervisor is gone; connecting again…")
                client = reconnect(home)

    def _follow_one(self, client: Client, line: ProgressLine) -> bool:
        with client:
            try:
                self._replace(client.records(Subscribe))
                line.show(self._summary())
                if self.is_over():
                    return True
                for event in client.events():
                    match event:
                        case SessionChanged(record=record) if record.id in self._newest:
                            self._newest[record.id] = record
                        case SessionRemoved(session_id=session_id) if session_id in self._newest:
                            self._removed.add(session_id)
                        case _:
                            continue
                    line.show(self._summary())
                    if self.is_over():
                        return True
            except Unreachable:
                return False
        return False

    def _replace(self, records: Sequence[SessionRecord]) -> None:
        by_id = {record.id: record for record in records}
        self._removed |= self._newest.keys() - by_id.keys()
        self._newest = {
            session_id: by_id.get(session_id, known) for session_id, known in self._newest.items()
        }

    def _verdicts(self) -> list[Verdict | None]:
        return [
            Verdict(f"#{record.id} {record.name} was moved to the trash.")
            if record.id in self._removed
            else verdict(record)
            for record in self._newest.values()
        ]

    def _summary(self) -> str:
        moving = [record for record in self._newest.values() if verdict(record) is None]
        return "   ".join(progress_text(record) for record in moving)


def progress_text(record: SessionRecord) -> str:
    """Return how far a session is, in a few words."""
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
    """The time a command was given has passed."""


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
    """Wait until all have settled, say what did not finish, and return the exit code."""
    waiting = Waiting(records)
    if not waiting.is_over():
        waiting.follow(connect(), home)
    return waiting.tell()


def reconnect(home: Home) -> Client:
    """Return a connection to the supervisor that comes after the one that went away.

    Raises:
        Unreachable: None came.
    """
    deadline = time.monotonic() + RECONNECT_S
    while True:
        try:
            return Client.connect(home)
        except Unreachable as error:
            if time.monotonic() > deadline:
                raise Unreachable(LOST) from error
        time.sleep(RECONNECT_INTERVAL_S)
