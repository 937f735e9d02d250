"""`watch`: progress of sessions, line by line, for screen readers and logs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from mnist_tui.storage.records import SessionState
from mnist_tui.training.protocol.client import Client, Refused, Unreachable
from mnist_tui.training.protocol.messages import SessionChanged, SessionRemoved
from mnist_tui.training.protocol.requests import Subscribe
from mnist_tui.training.sessions.progress import epochs_done, waiting_for
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.cli.selection import select
from mnist_tui.tui.cli.session_waiter import TrackedSessions, reconnect
from mnist_tui.tui.cli.types import Seconds
from mnist_tui.tui.terminal.output import say
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.cli.context import CliContext

MAX_EVERY_S = 86_400.0
MAX_LINE = 2_000
NOTHING_RUNS = "No supervisor runs, so nothing trains now; `mnist-tui supervisor start` starts one."

Situation = tuple[SessionState, bool, str | None, int]
"""State, whether held, reason, and epochs done: a change of one is worth a line."""


@click.command()
@click.argument("words", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--every", "every_s", type=Seconds(0, MAX_EVERY_S), metavar="S", default=1.0,
    show_default=True, help="At most one line in S seconds for each session; new states always",
)  # fmt: skip
@click.pass_obj
def watch(setup: CliContext, words: Sequence[str], every_s: float) -> int:
    """Print a line when an epoch ends or a state changes, until the sessions have ended.

    Exit 0 when all have finished, 1 when one ended otherwise. ctrl+c ends watching, not training.
    """
    records, _ = setup.read_records()
    watcher = Watcher(select(records, words, setup.home), setup.home, every_s)
    try:
        client = Client.connect(setup.home)
    except (Unreachable, Refused):
        watcher.print_news()
        if not watcher.is_over():
            say(NOTHING_RUNS)
        return watcher.report()
    _follow(watcher, client, setup.home)
    return watcher.report()


def _follow(watcher: Watcher, client: Client, home: Home) -> None:
    """Process events until all sessions have ended, also across a restart of the supervisor.

    Raises:
        Unreachable: The supervisor was lost and none came back.
    """
    while not _follow_one(watcher, client):
        client = reconnect(home)


def _follow_one(watcher: Watcher, client: Client) -> bool:
    """Process the events of one connection; return True if all sessions have ended."""
    with client:
        try:
            watcher.take_all(client.records(Subscribe))
            events = client.events()
            while not watcher.is_over():
                match next(events, None):
                    case None:
                        return False
                    case SessionChanged(record=record):
                        watcher.take(record)
                    case SessionRemoved(session_id=session_id):
                        watcher.remove(session_id)
        except Unreachable:
            return False
    return True


class Watcher:
    """Watched sessions and their last lines."""

    def __init__(self, records: Iterable[SessionRecord], home: Home, every_s: float) -> None:
        self._sessions = TrackedSessions(records)
        self._feed = MetricFeed(home)
        self._every_s = every_s
        self._reported: dict[int, tuple[Situation, float]] = {}

    def take_all(self, records: Iterable[SessionRecord]) -> None:
        """Replace all records; watched sessions that are not among them are removed."""
        self._sessions.replace(records)
        self.print_news()

    def print_news(self) -> None:
        """Print a line for each session with news."""
        for record in self._sessions.newest.values():
            self._print_news_of(record)

    def take(self, record: SessionRecord) -> None:
        """Replace the record of a session and print a line if there is news."""
        if self._sessions.put(record):
            self._print_news_of(record)

    def remove(self, session_id: int) -> None:
        """Mark a session as moved to the trash."""
        self._sessions.remove(session_id)

    def is_over(self) -> bool:
        """Return True if all sessions have ended."""
        verdicts = self._sessions.outcomes()
        return all(each is not None and not each.is_blocked for each in verdicts)

    def report(self) -> int:
        """Print the sessions that did not finish and return the exit code."""
        return self._sessions.report()

    def _print_news_of(self, record: SessionRecord) -> None:
        situation = (record.state, record.is_held, waiting_for(record), _whole_epochs(record))
        previous, reported_at = self._reported.get(record.id, (None, 0.0))
        now = time.monotonic()
        is_state_new = previous is None or situation[:3] != previous[:3]
        if is_state_new or (situation != previous and now - reported_at >= self._every_s):
            self._reported[record.id] = situation, now
            click.echo(printable(self._line(record), MAX_LINE))

    def _line(self, record: SessionRecord) -> str:
        from mnist_tui.tui.charts.chart_description import describe_session  # noqa: PLC0415 — numpy, 120 ms

        (session,) = self._feed.sessions([record])
        twins = [twin[:1].upper() + twin[1:] for twin in describe_session(session)]
        return ". ".join([_where(record), *twins]) + "."


def _whole_epochs(record: SessionRecord) -> int:
    """Return the number of complete epochs, validation included."""
    if record.parameters.get("validation") == 0:
        return int(epochs_done(record) or 0)
    return record.progress.position.validated_epochs


def _where(record: SessionRecord) -> str:
    """Return the session with its state and progress."""
    parts = [f"#{record.id} {record.name} {formatting.state_look(record).word}"]
    cause = waiting_for(record)
    if cause and cause != parts[0]:
        parts[0] += f" ({cause})"
    if record.progress.position.step:
        done, _, planned = formatting.epochs(record).partition("/")
        parts.append(f"epoch {done.removesuffix('.0')} of {planned}")
        if record.state is SessionState.RUNNING and record.progress.eta_s is not None:
            parts.append(f"{formatting.duration(record.progress.eta_s)} left")
    return ", ".join(parts)
