"""The Textual application: a view of sessions that go on without it.

Overrides Textual's private `_fatal_error`, which would print a traceback to the terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import traceback
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on, work
from textual.binding import Binding, BindingType

from mnist_tui.storage.atomic import private
from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.records import utc_now
from mnist_tui.storage.registry.registry_reader import read_records
from mnist_tui.training.protocol.messages import TaskProgressed
from mnist_tui.tui.app import startup
from mnist_tui.tui.app.navigation import Opener, Opening
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.charts.metric_feed import MetricFeed
from mnist_tui.tui.devices.device_feed import DeviceFeed
from mnist_tui.tui.devices.device_text import at_work
from mnist_tui.tui.forms.form_draft import Drafts
from mnist_tui.tui.screens.sessions import SessionsScreen
from mnist_tui.tui.state.board import Board
from mnist_tui.tui.state.messages import (
    ChangeRequested,
    DataOpened,
    DevicesOpened,
    EvaluationRequested,
    EventReceived,
    FormRequested,
    LabelRequested,
    MoveRequested,
    OutliersRequested,
    SessionOpened,
    SessionsCompared,
    SnapshotRequested,
    StudyOpened,
)
from mnist_tui.tui.state.pending_updates import PendingUpdates
from mnist_tui.tui.state.request_sender import RequestSender, Wish
from mnist_tui.tui.state.services import AppServices
from mnist_tui.tui.state.supervisor_link import Link
from mnist_tui.tui.state.view_settings import ViewMemory
from mnist_tui.tui.terminal.hangup import TerminalWatch
from mnist_tui.tui.terminal.terminal_app import TerminalApp
from mnist_tui.tui.terminal.themes import DARK, THEMES
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from textual.message import Message
    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.forms.form_draft import Draft
    from mnist_tui.tui.state.board import BoardDiff
    from mnist_tui.tui.state.messages import Connected, Disconnected, ThemeChosen

LOST_BANNER = "supervisor lost; reconnecting…"
FROZEN_BANNER = "frozen at {time}; F goes on"
TOAST_S = 5.0
SAVE_DELAY_S = 0.3
DEVICE_WIDTH = 48


class Ending(NamedTuple):
    """Result of the application."""

    sentence: str
    """A sentence for the user; empty for none."""
    is_failure: bool


class MnistTuiApp(TerminalApp):
    """The application: one link, one board, and the screens over them."""

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
        devices: DeviceFeed | None = None,
        views: ViewMemory | None = None,
    ) -> None:
        """Make the app.

        Args:
            home: Whose sessions are shown.
            data_dir: The dataset folder of new sessions.
            refresh_s: Seconds between two readings of what grows.
            defaults: What the form of a new session says at first, by field.
            theme: One of `THEMES`.
            devices: Where readings of the devices come from; this machine where it is left out.
            views: How the user likes to look at things; as remembered where it is left out.
        """
        super().__init__(theme)
        self.home = home
        self._refresh_s = refresh_s
        self._drafts = Drafts(defaults or {})
        self.board = Board()
        self.link = Link(home, self._hear, lambda: self.board.records)
        self.services = AppServices(
            home, data_dir, self.board, MetricFeed(home), views or ViewMemory(),
            RequestSender(self.link.request), devices or DeviceFeed(),
        )  # fmt: skip
        self._opener = Opener(self.services, self._drafts, self._take_created)
        self._inbox = PendingUpdates(self.board)
        self._is_connected = False
        self._is_view_new = False
        self._trouble = ""
        """The problem with the connection; empty for none."""
        self._frozen = ""
        """The notice of a frozen picture; empty if it is not frozen."""
        self.failure = ""
        """One sentence if the application ended with an error."""

    def get_default_screen(self) -> Screen[Any]:
        """Return the first screen: all sessions."""
        return SessionsScreen(self.services, formatting.short_path(self.home.path))

    def on_ready(self) -> None:
        """Read the registry, connect, and start refreshing, all after the first frame."""
        self._keep_link()
        self.set_interval(self._refresh_s, self._tick)
        self.set_interval(startup.TRIM_S, startup.trim)

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information",
        timeout: float | None = TOAST_S, markup: bool = False,
    ) -> None:  # fmt: skip
        """Show a sentence in place of the one before."""
        self.clear_notifications()
        super().notify(
            printable(message), title=title, severity=severity, timeout=timeout, markup=False
        )

    def on_connected(self, message: Connected) -> None:
        """Show all records."""
        self._is_connected = True
        self._inbox.forget()
        self._show(self.board.replace(message.records))
        self._announce("")

    def on_disconnected(self, message: Disconnected) -> None:
        """Keep the last frame, under a banner."""
        if self._is_connected:
            self._announce(LOST_BANNER)
        else:
            self._announce(f"{printable(message.sentence, 70)} trying again…")

    def on_event_received(self, message: EventReceived) -> None:
        """Show a new state at once, figures at the next tick."""
        if isinstance(message.event, TaskProgressed):
            if isinstance(self.screen, BaseScreen):
                self.screen.show_progress(message.event.text)
            return
        change = self._inbox.take(message.event)
        if change:
            self._show(change)

    @on(SessionOpened)
    @on(SessionsCompared)
    @on(DevicesOpened)
    @on(DataOpened)
    @on(StudyOpened)
    @on(FormRequested)
    def _open(self, message: Opening) -> None:
        screen = self._opener.screen_for(message)
        if isinstance(message, SessionOpened):
            self.board.select(message.session_id)
            # `[` and `]` open one session from another, which must not stack screens.
            if type(self.screen) is type(screen):
                self.pop_screen()
        self.push_screen(screen)

    @on(ChangeRequested)
    @on(EvaluationRequested)
    @on(LabelRequested)
    @on(MoveRequested)
    @on(OutliersRequested)
    @on(SnapshotRequested)
    def _carry_out(self, message: Wish) -> None:
        self._ask(message)

    def on_view_changed(self) -> None:
        """Save the view settings a moment later."""
        self._is_view_new = True
        self._save_view()

    def on_theme_chosen(self, message: ThemeChosen) -> None:
        """Apply and save a theme."""
        if message.name in THEMES:
            self.theme = message.name
            self.services.views.update(theme=message.name)
            self.on_view_changed()

    def action_command_palette(self) -> None:
        """Open the command palette."""
        from mnist_tui.tui.app.palette import Palette, PaletteProvider  # noqa: PLC0415 — 10 ms after the first frame

        if not Palette.is_open(self):  # type: ignore[arg-type]  # it only looks
            self.push_screen(Palette([PaletteProvider]))

    def action_freeze(self) -> None:
        """Freeze the picture, or end the freeze."""
        if self._inbox.is_frozen:
            self._frozen = ""
            self._show(self._inbox.thaw())
        else:
            self._inbox.is_frozen = True
            self._frozen = FROZEN_BANNER.format(time=time.strftime("%H:%M:%S"))
        self._show_banner()

    def action_keep_running(self) -> None:
        """Notify on ctrl+c that nothing ends."""
        self.notify("Training keeps running; press q to leave.")

    async def action_quit(self) -> None:
        """Leave, with a sentence about sessions that go on."""
        self.exit(exit_message(self.board.counts()))

    def _fatal_error(self) -> None:
        """End with one sentence; the traceback goes to a file, never to the terminal."""
        path = self.home.path / "tui.log"
        with contextlib.suppress(OSError), open(path, "a", encoding="utf-8", opener=private) as log:
            log.write(f"{utc_now()}\n{traceback.format_exc()}\n")
        self.failure = f"The screen ended with an error, see {path}; training is not affected."
        self.panic()

    def on_unmount(self) -> None:
        """Save the view settings if their delay has not passed yet."""
        if self._is_view_new:
            self.services.views.save()

    @work(group="ask")
    async def _ask(self, wish: Wish) -> None:
        sentence = await self.services.sender.carry_out(wish)
        if isinstance(wish, EvaluationRequested | OutliersRequested):
            for screen in self._drawn_screens():
                screen.show_progress("")
        if sentence:
            self.notify(sentence, severity="warning")

    @work(group="view", exclusive=True)
    async def _save_view(self) -> None:
        await asyncio.sleep(SAVE_DELAY_S)
        await asyncio.to_thread(self.services.views.save)
        self._is_view_new = False

    def _hear(self, message: Message) -> None:
        """Take an event of the link; for figures, 25 a second, a message would cost too much."""
        if not (isinstance(message, EventReceived) and self._inbox.take_figures(message.event)):
            self.post_message(message)

    @work(group="link")
    async def _keep_link(self) -> None:
        await self._read_home()
        startup.enable_collection()
        await self.link.run()

    async def _read_home(self) -> None:
        try:
            records = await asyncio.to_thread(read_records, self.home)
        except StorageError as error:
            self._announce(printable(error))
            return
        if not self._is_connected and records:
            self._show(self.board.replace(records))

    def _take_created(self, draft: Draft, records: list[SessionRecord]) -> None:
        self._drafts.forget(draft)
        for record in records:
            self._show(self.board.put(record))
        self.board.select(records[0].id)
        self.notify(formatting.made(records))

    def _tick(self) -> None:
        if self._inbox.is_frozen or not self.is_running:
            return  # a last tick may come while the screens are taken down
        if change := self._inbox.settle():
            self._show(change)
        if isinstance(self.screen, BaseScreen) and self.screen.is_mounted:
            self.screen.tick()
            self._look_at_devices()

    @work(group="devices", exclusive=True)
    async def _look_at_devices(self) -> None:
        from mnist_tui.tui.devices.device_text import device_summary  # noqa: PLC0415 — after the first frame

        pids = list(at_work(self.board.going_on()))
        known = self.services.devices.newest
        is_said = bool(pids) or (known is not None and bool(known.gpus))
        if is_said or known is None:
            known = await self.services.devices.read(pids)
        is_said = bool(pids) or bool(known and known.gpus)
        text = device_summary(known, DEVICE_WIDTH) if known and is_said else ""
        if not self.is_exiting:
            self.device_load = text

    def _show(self, change: BoardDiff) -> None:
        for screen in reversed(self._drawn_screens()):
            screen.board_changed(change)

    def _announce(self, trouble: str) -> None:
        self._trouble = trouble
        self._show_banner()

    def _show_banner(self) -> None:
        if not self.is_exiting:
            self.banner = self._trouble or self._frozen

    def _drawn_screens(self) -> list[BaseScreen]:
        """Return the screens that have their widgets; none while they are being removed."""
        if self.is_exiting or not self.is_running:
            return []
        return [
            screen
            for screen in self.screen_stack
            if isinstance(screen, BaseScreen) and screen.is_mounted
        ]


def exit_message(counts: Counter[str]) -> str:
    """Return a sentence on the sessions that go on or wait; empty if there are none.

    Args:
        counts: Sessions by group, as `Board.counts` returns them.
    """
    num_going_on = counts["running"] + counts["queued"]
    count, does = (num_going_on, "keep running") if num_going_on else (counts["paused"], "wait")
    if not count:
        return ""
    if count == 1:
        does = does.replace("keep", "keeps").replace("wait", "waits")
    sessions = "it" if count == 1 else "them"
    return f"{formatting.count_of(count, 'session')} {does}; `mnist-tui` shows {sessions} again."


def open_ui(
    home: Home,
    data_dir: Path,
    refresh_s: float = 1.0,
    defaults: dict[str, str] | None = None,
    theme: str = DARK.name,
    devices: DeviceFeed | None = None,
    views: ViewMemory | None = None,
) -> Ending:
    """Run the application until the user leaves or the terminal goes away; return its result."""
    is_remote = "SSH_CONNECTION" in os.environ
    startup.follow_terminal()
    app = MnistTuiApp(home, data_dir, refresh_s, defaults, theme, devices, views)
    app.animation_level = "none"
    watch = TerminalWatch(lambda: app.call_later(app.exit, ""))
    try:
        sentence = app.run(mouse=not is_remote) or app.failure
        return Ending(sentence, is_failure=bool(app.failure))
    finally:
        watch.close()
