"""An app that suits its terminal: colours of a theme or none, and no more than it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key

from mnist_tui.tui.terminal import no_color
from mnist_tui.tui.terminal.frame_diff import FrameDiff
from mnist_tui.tui.terminal.key_sequencer import KeySequencer
from mnist_tui.tui.terminal.output import refuses_color
from mnist_tui.tui.terminal.output_backpressure import OutputBackpressure
from mnist_tui.tui.terminal.themes import DARK, THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.events import Resize
    from textual.filter import LineFilter
    from textual.screen import Screen


class TerminalApp(App[str]):
    """The themes, NO_COLOR and a terminal that stops reading, for an app of any purpose."""

    def __init__(self, theme: str = DARK.name) -> None:
        """Make the app in one of `THEMES`."""
        super().__init__()
        for known in THEMES.values():
            self.register_theme(known)
        self._begin_with(theme)
        self.no_color = refuses_color()
        self._hold = OutputBackpressure(self)
        self._frames = FrameDiff()
        self._turns = KeySequencer(self)

    def _begin_with(self, theme: str) -> None:
        """Have a theme from the start: changing it later reads every style twice, 20 ms."""
        self.set_reactive(App.theme, theme)
        is_dark = self.current_theme.dark
        self.set_class(is_dark, "-dark-mode", update=False)
        self.set_class(not is_dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        """Return what talks to the terminal."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual  # Windows, or one the environment names
        from mnist_tui.tui.terminal.frame_driver import FrameBufferingDriver  # noqa: PLC0415 — it needs termios

        return FrameBufferingDriver

    async def on_event(self, event: Event) -> None:
        """Give keys to what has the focus, each after the one before was obeyed."""
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
        elif not self._turns.must_wait(event):
            target = self.focused or self.screen
            await super().on_event(event)
            self._turns.begin(target)

    def action_redraw(self) -> None:
        """Draw every character anew, where something else has written on the terminal."""
        self._frames.forget()
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def on_resize(self, event: Resize) -> None:
        """Draw everything where the size is the old one: so says a terminal that was empty."""
        if event.size == self._frames.size:
            self.action_redraw()

    @on(Driver.SignalResume)
    def redraw_after_suspension(self) -> None:
        """Draw everything again once the shell has given the terminal back."""
        self.action_redraw()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line passes: where no colours are wanted, what takes them away."""
        return [no_color.filter_of(self.theme)] if self.no_color else super().get_line_filters()

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Textual takes the screen below an opaque one for visible as well: whatever changed there
        # would draw all of the screen in sight anew.
        if self._screen_stack and self._screen_stack[-1].styles.background.a == 1:
            return []
        return super()._background_screens

    async def _replace_screen(self, screen: Screen[Any]) -> Screen[Any]:
        # Textual takes the widgets of a screen down before it ends what the screen still works on,
        # which would look for them in vain and end the app.
        if all(screen not in stack for stack in self._screen_stacks.values()):
            for worker in list(self.workers):
                if screen in worker.node.ancestors_with_self:
                    worker.cancel()
        return await super()._replace_screen(screen)

    async def _shutdown(self) -> None:
        # As above: work ends before the widgets go, whatever ends the app.
        self.workers.cancel_all()
        await super()._shutdown()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        is_frame = renderable is not None
        # Only what is written at once may count as shown.
        is_written = self._running and not self._closed and not self._batch_count
        if is_written and isinstance(renderable, ChopsUpdate | LayoutUpdate):
            reduced = self._frames.reduce(renderable, self.size, self.console)
            renderable = cast("RenderableType | None", reduced)
        super()._display(screen, renderable)
        self._hold.note_display(is_frame)
