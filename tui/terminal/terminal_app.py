"""Textual application adapted to its terminal: themes, NO_COLOR, small frames, key order.

Uses Textual's private `_display` with `_batch_count` (the place where every frame passes), and
overrides `_background_screens` and `_shutdown`; docs/textual-notes.md says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key
from textual.reactive import reactive

from mnist_tui.tui.terminal import no_color
from mnist_tui.tui.terminal.frame_diff import FrameDiff, is_update
from mnist_tui.tui.terminal.frame_driver import FrameBufferingDriver, OutputBackpressure
from mnist_tui.tui.terminal.key_sequencer import KeySequencer
from mnist_tui.tui.terminal.output import refuses_color
from mnist_tui.tui.terminal.themes import DARK, THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.await_complete import AwaitComplete
    from textual.events import Resize
    from textual.filter import LineFilter
    from textual.screen import Screen


class TerminalApp(App[str]):
    """The themes, NO_COLOR and a terminal that stops reading, for any app."""

    banner: reactive[str] = reactive("", repaint=False)
    """Notice that every screen shows, such as a lost connection; empty for none."""
    device_load: reactive[str] = reactive("", repaint=False, always_update=True)
    """Load of the devices in words, set after each reading."""

    def __init__(self, theme: str = DARK.name) -> None:
        """Make the app in one of `THEMES`."""
        super().__init__()
        for each in THEMES.values():
            self.register_theme(each)
        self._begin_with(theme)
        self.no_color = refuses_color()
        self.frame_driver: FrameBufferingDriver | None = None
        self._backpressure = OutputBackpressure(self)
        self._frames = FrameDiff()
        self.is_exiting = False
        self._sequencer = KeySequencer(self)

    def _begin_with(self, theme: str) -> None:
        """Set the theme before the first frame: a change parses every style again, 20 ms."""
        self.set_reactive(App.theme, theme)
        is_dark = self.current_theme.dark
        self.set_class(is_dark, "-dark-mode", update=False)
        self.set_class(not is_dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that writes whole frames."""
        default = super().get_driver_class()
        # The environment may name another one.
        return FrameBufferingDriver if default.__name__ == "LinuxDriver" else default

    async def on_event(self, event: Event) -> None:
        """Pass keys to the focused widget, each after the one before has taken effect."""
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
        elif not self._sequencer.must_wait(event):
            target = self.focused or self.screen
            await super().on_event(event)
            self._sequencer.begin(target)

    def action_redraw(self) -> None:
        """Redraw every character, after something else has written to the terminal."""
        self._frames.forget()
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def on_resize(self, event: Resize) -> None:
        """Redraw everything if the size is unchanged: a cleared terminal reports that."""
        if event.size == self._frames.size:
            self.action_redraw()

    @on(Driver.SignalResume)
    def redraw_after_suspension(self) -> None:
        """Redraw everything after the shell has returned the terminal."""
        self.action_redraw()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of all lines: without colours, the one that removes them."""
        return [no_color.filter_of(self.theme)] if self.no_color else super().get_line_filters()

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Textual treats the screen below an opaque one as visible, too: every change there would
        # redraw the whole screen above.
        if len(self.screen_stack) > 1 and self.screen.styles.background.a == 1:
            return []
        return super()._background_screens

    def exit(
        self, result: str | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End the app, and note that the screens are about to be removed."""
        self.is_exiting = True
        super().exit(result, return_code, message)

    def pop_screen(self) -> AwaitComplete:
        """Remove the top screen, after cancelling its workers.

        Textual removes the widgets of a screen before it cancels the screen's workers, which would
        look for them in vain and end the app.
        """
        for worker in list(self.workers):
            if self.screen in worker.node.ancestors_with_self:
                worker.cancel()
        return super().pop_screen()

    async def _shutdown(self) -> None:
        # As in `pop_screen`: workers end before the widgets are removed, whatever ends the app.
        self.workers.cancel_all()
        await super()._shutdown()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        is_frame = renderable is not None
        # Only a frame that is written now may count as shown.
        if self.is_running and not self._batch_count and is_update(renderable):
            reduced = self._frames.reduce(renderable, self.size, self.console)
            renderable = cast("RenderableType | None", reduced)
        super()._display(screen, renderable)
        self._backpressure.note_display(is_frame)
