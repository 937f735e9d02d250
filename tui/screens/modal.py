"""A box above a screen that closes once, however many keys that close it came in one burst."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from mnist_tui.tui.screens.moved_layout import MovedLayoutScreen


class Modal(ModalScreen[ScreenResultType], MovedLayoutScreen[ScreenResultType]):
    """What is answered or read before anything else.

    The first base is the one whose styles Textual gives it: the place in the middle, and the screen
    below that shines through.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close and return `result`; nothing for a key that was on its way when it closed.

        Textual takes away whatever screen is on top, and ends the program where that is the last.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow nothing before the box is there, nor once it closed: its parts are what acts."""
        if not (self.is_mounted and self.is_active):
            return False
        return super().check_action(action, parameters)
