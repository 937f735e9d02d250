"""An app that suits its terminal: colours of a theme or none, and no more than it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

from tui import no_color
from tui.stalled_output import DrawingHold
from tui.terminal import refuses_color
from tui.themes import DARK, THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.filter import LineFilter
    from textual.screen import Screen


class TerminalApp(App[str]):
    """The themes, NO_COLOR and a terminal that stops reading, for an app of any purpose."""

    def __init__(self, theme: str = DARK.name) -> None:
        """Make the app in one of `THEMES`."""
        super().__init__()
        for known in THEMES.values():
            self.register_theme(known)
        self.theme = theme
        self.no_color = refuses_color()
        self._hold = DrawingHold(self)

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

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self._hold.note_display(renderable is not None)
