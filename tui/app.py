"""The screen of mnist-tui: draws and asks, owns nothing; training goes on without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import traceback
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from storage.atomic import private
from storage.errors import StorageError
from storage.records import utc_now
from storage.registry_reader import read_records
from training.client import Refused, Unreachable, as_record
from training.protocol import Change as ChangeSession
from training.protocol import TaskProgressed
from tui import formatting
from tui.board import NOTHING, Board
from tui.hangup import TerminalWatch
from tui.inert import inert
from tui.link import Link
from tui.metric_feed import MetricFeed
from tui.screens.base import BoardScreen, SizedScreen
from tui.screens.sessions import SessionsScreen
from tui.terminal_app import TerminalApp
from tui.themes import DARK

if TYPE_CHECKING:
    from pathlib import Path

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from storage.home import Home
    from tui.board import Change
    from tui.messages import (
        ChangeRequested,
        Connected,
        Disconnected,
        EventReceived,
        SessionOpened,
    )

LOST_BANNER = "supervisor lost; reconnecting…"
TOAST_S = 5.0


class MnistTuiApp(TerminalApp):
    """The app: one link, one board, and the screens over them."""

    CSS_PATH = "app.tcss"
    TITLE = "mnist-tui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "keep_running", show=False, priority=True),
    ]

    def __init__(
        self,
        home: Home,
        data_dir: Path,
        refresh_s: float = 1.0,
        defaults: dict[str, str] | None = None,
        theme: str = DARK.name,
    ) -> None:
        """Make the app.

        Args:
            home: Whose sessions are shown.
            data_dir: The dataset folder of new sessions.
            refresh_s: Seconds between two readings of what grows.
            defaults: What the form of a new session says at first, by field.
            theme: One of `THEMES`.
        """
        super().__init__(theme)
        self.home = home
        self._data_dir = data_dir
        self._refresh_s = refresh_s
        self._defaults = dict(defaults or {})
        self._draft = dict(self._defaults)
        self.board = Board()
        self._feed = MetricFeed(home)
        self.link = Link(home, self.post_message)
        self._unseen = NOTHING
        self._is_connected = False
        self.failure = ""
        """One sentence where the screen ended with an error."""

    def get_default_screen(self) -> Screen[Any]:
        """Return the first screen: all sessions."""
        return SessionsScreen(self.board, self.open_form, self._feed, _shorten(self.home.path))

    def on_ready(self) -> None:
        """Show what the files say, connect, and begin to follow; the first frame waits for none."""
        self._read_home()
        self._keep_link()
        self.set_interval(self._refresh_s, self._tick)

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information",
        timeout: float | None = TOAST_S, markup: bool = False,
    ) -> None:  # fmt: skip
        """Say one sentence; it takes the place of the one before."""
        self.clear_notifications()
        super().notify(
            inert(message), title=title, severity=severity, timeout=timeout, markup=False
        )

    def on_connected(self, message: Connected) -> None:
        """Take all records."""
        self._is_connected = True
        self._show(self.board.replace(message.records))
        self._announce("")

    def on_disconnected(self, message: Disconnected) -> None:
        """Keep the last frame and say that it is old."""
        if self._is_connected:
            self._announce(LOST_BANNER)
        else:
            self._announce(f"{inert(message.sentence, 70)} trying again…")

    def on_event_received(self, message: EventReceived) -> None:
        """Take an event: a new state is shown at once, figures at the next tick."""
        event = message.event
        if isinstance(event, TaskProgressed):
            if isinstance(self.screen, SizedScreen):
                self.screen.show_progress(event.text)
            return
        self._unseen |= self.board.apply(event)
        if self._unseen.is_state_new:
            self._show_unseen()

    def on_session_opened(self, message: SessionOpened) -> None:
        """Open a session."""
        from tui.screens.session import (  # noqa: PLC0415 — 15 ms after the first frame
            SessionScreen,
        )

        self.board.select(message.session_id)
        self.push_screen(SessionScreen(self.board, self.open_form, self._feed, self.home))

    def on_change_requested(self, message: ChangeRequested) -> None:
        """Ask the supervisor; the answer is shown by the event that follows."""
        self._ask(message)

    def open_form(self) -> None:
        """Open the form for a new session."""
        from tui.screens.new_session import (  # noqa: PLC0415 — 20 ms after the first frame
            NewSessionScreen,
        )

        self.push_screen(
            NewSessionScreen(self.link.request, self._data_dir, self._draft, self._take_created)
        )

    def action_keep_running(self) -> None:
        """Answer ctrl+c, which ends nothing."""
        self.notify("Training keeps running; press q to leave.")

    async def action_quit(self) -> None:
        """Leave with the sentence of what goes on."""
        self.exit(self.last_sentence())

    def last_sentence(self) -> str:
        """Return what a person should know after the screen has closed."""
        counts = self.board.counts()
        num_going_on = counts["running"] + counts["queued"]
        count, does = (num_going_on, "keep running") if num_going_on else (counts["paused"], "wait")
        if not count:
            return ""
        verb = does.replace("keep", "keeps").replace("wait", "waits") if count == 1 else does
        sessions = "it" if count == 1 else "them"
        return (
            f"{formatting.count_of(count, 'session')} {verb}; `mnist-tui` shows {sessions} again."
        )

    def _fatal_error(self) -> None:
        """End with one sentence; the traceback goes to a file, never to the terminal."""
        path = self.home.path / "tui.log"
        with contextlib.suppress(OSError), open(path, "a", encoding="utf-8", opener=private) as log:
            log.write(f"{utc_now()}\n{traceback.format_exc()}\n")
        self.failure = f"The screen ended with an error, see {path}; training is not affected."
        self._close_messages_no_wait()

    @work(group="ask")
    async def _ask(self, message: ChangeRequested) -> None:
        try:
            await self.link.request(
                ChangeSession, session_id=message.session_id, action=message.trigger
            )
        except (Refused, Unreachable) as error:
            self.notify(str(error), severity="warning")

    @work(group="link")
    async def _keep_link(self) -> None:
        await self.link.run()

    @work(group="home")
    async def _read_home(self) -> None:
        try:
            records = await asyncio.to_thread(read_records, self.home)
        except StorageError as error:
            self._announce(inert(error))
            return
        if not self._is_connected and records:
            self._show(self.board.replace(records))

    def _take_created(self, payload: dict[str, Any]) -> None:
        record = as_record(payload)
        self._draft.update(self._defaults)
        change = self.board.put(record)
        self.board.select(record.id)
        self._show(change)
        self.notify(f"#{record.id} {record.name} is {formatting.state_look(record).word}.")

    def _tick(self) -> None:
        self._show_unseen()
        if isinstance(self.screen, BoardScreen):
            self.screen.tick()

    def _show_unseen(self) -> None:
        if self._unseen:
            change, self._unseen = self._unseen, NOTHING
            self._show(change)

    def _show(self, change: Change) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, BoardScreen):
                screen.board_changed(change)

    def _announce(self, banner: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen):
                screen.show_link(banner)


def open_ui(
    home: Home,
    data_dir: Path,
    refresh_s: float = 1.0,
    defaults: dict[str, str] | None = None,
    theme: str = DARK.name,
) -> str:
    """Run the screen until the user leaves or the terminal goes away; return the last sentence."""
    is_remote = "SSH_CONNECTION" in os.environ
    app = MnistTuiApp(home, data_dir, refresh_s, defaults, theme)
    app.animation_level = "none"
    watch = TerminalWatch(lambda: app.call_later(app.exit, ""))
    try:
        return app.run(mouse=not is_remote) or app.failure
    finally:
        watch.close()


def _shorten(path: Path) -> str:
    """Return a path with the user's home folder as ~."""
    text = str(path)
    own = os.path.expanduser("~")  # noqa: PTH111 — a string is what is compared
    return inert("~" + text[len(own) :] if text == own or text.startswith(own + "/") else text, 60)
