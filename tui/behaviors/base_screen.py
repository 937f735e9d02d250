"""Base of every full screen: runs the actions of the key table on behaviours, shows text prompts.

A screen is composed: `behaviors` lists objects with `action_*` methods, and the bindings that
`tui.keys` makes call `action_run`, which finds the first of them that has the action.
"""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen
from textual.widgets import Static

from mnist_tui.tui.keys.key_rules import find, why_not
from mnist_tui.tui.terminal.moved_layout import repaint_moved_layout
from mnist_tui.tui.widgets.text_prompt import TextPrompt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import Widget

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.state.board import Board, BoardDiff
    from mnist_tui.tui.state.services import AppServices
    from mnist_tui.tui.text.table import Table
    from mnist_tui.tui.widgets.text_prompt import PromptOptions

MIN_WIDTH, MIN_HEIGHT = 60, 16
TOO_SMALL = f"mnist-tui needs {MIN_WIDTH}×{MIN_HEIGHT} characters; enlarge the terminal"


@repaint_moved_layout
class BaseScreen(Screen[None]):
    """Screen over the app's services, with a notice in its place on a terminal too small for it."""

    NAME: ClassVar[str]
    """The screen's name in the table of actions."""

    behaviors: Sequence[object] = ()
    """Objects with the `action_*` methods that the screen itself lacks; the first match wins."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-tiny"),
        (MIN_WIDTH, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-flat"),
        (MIN_HEIGHT, "-low"),
        (20, "-medium"),
        (36, "-tall"),
    ]

    def __init__(self, services: AppServices) -> None:
        super().__init__()
        self.services = services
        self.is_leaving = False

    def on_mount(self) -> None:
        """Follow the state that the app shares with every screen."""
        self.watch(self.app, "banner", self.show_banner)
        self.watch(self.app, "device_load", self.show_devices)

    @property
    def board(self) -> Board:
        """All sessions."""
        return self.services.board

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session that keys act on."""
        return self.board.selected

    def targets(self) -> list[SessionRecord]:
        """Return the sessions that keys act on: by default the focused one."""
        return [self.focus_record] if self.focus_record else []

    def reported(self) -> list[SessionRecord]:
        """Return the sessions of a report written from this screen; empty if it offers none."""
        return []

    def exporter(self) -> Callable[[], list[Table]]:
        """Return a function that makes tables of the data shown now.

        It may take seconds, so it runs in a thread: it uses neither board nor widgets, and raises
        StorageError if a file cannot be read.
        """
        return list

    def copy_text(self) -> str:
        """Return the text that `y` copies; empty for nothing."""
        return f"{self.focus_record.id}" if self.focus_record else ""

    def board_changed(self, change: BoardDiff) -> None:
        """Redraw what depends on sessions that changed."""

    def tick(self) -> None:
        """Read files again; called once per refresh interval while the screen is on top."""

    def show_devices(self, devices: str) -> None:
        """Show the load of the devices, in words."""

    def show_banner(self, banner: str) -> None:
        """Show that the supervisor is away or the picture frozen; nothing if empty."""

    def show_progress(self, text: str) -> None:
        """Show the progress of a task that this client requested; empty once it has ended."""

    def begin_task(self, session_id: int, text: str) -> None:
        """Show progress of a task on a session from now on, beginning with `text`."""

    def commands(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return what the command palette offers besides the key table: text and function."""
        return ()

    def find_action(self, name: str) -> Callable[..., object] | None:
        """Return the method that runs the action `name`, or None if it has none."""
        for owner in (self, *self.behaviors):
            method: Callable[..., object] | None = getattr(owner, f"action_{name}", None)
            if method is not None:
                return method
        return None

    async def action_run(self, name: str, *arguments: object) -> None:
        """Run an action of the key table."""
        method = self.find_action(name)
        assert method is not None, f"{self} has no action {name}"
        result = method(*arguments)
        if isawaitable(result):
            await result

    def able(self, name: str) -> SessionRecord | None:
        """Return the focused session if the action applies to it; else notify of the reason."""
        record = self.focus_record
        sentence = why_not(find(name), record)
        if sentence:
            self.notify(sentence, markup=False)
            return None
        return record

    def too_small_notice(self) -> Widget:
        """Return the widget that replaces all others on a tiny terminal."""
        return Static(TOO_SMALL, id="too-small", markup=False)

    @property
    def takes_keys(self) -> bool:
        """True if the prompt that was opened, if any, has the focus already."""
        return all(prompt.has_focus_within for prompt in self.query(TextPrompt))

    def prompt(self, options: PromptOptions) -> None:
        """Open a text prompt at the bottom; an open one is cancelled."""
        prompts = self.query(TextPrompt)
        if not all(prompt.is_mounted for prompt in prompts):
            return  # a second key arrived before the prompt of the first one was mounted
        for prompt in prompts:
            prompt.action_cancel()
        # A toast would cover the prompt.
        self.app.clear_notifications()
        self.mount(TextPrompt(options))

    def leave(self) -> None:
        """Return to the screen below, as soon as no other screen is above this one."""
        self.is_leaving = True
        # `dismiss` removes whatever screen is on top.
        if self.is_active:
            self.dismiss()

    def on_screen_resume(self) -> None:
        """Leave if that had to wait for the screen above."""
        if self.is_leaving:
            self.leave()
