"""Modal screen that closes once, however many keys that close it arrive in one burst."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from mnist_tui.tui.terminal.moved_layout import repaint_moved_layout


@repaint_moved_layout
class Modal(ModalScreen[ScreenResultType]):
    """Dialog in the middle of the screen, answered or closed before anything else."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with `result`; do nothing if already closed.

        Textual removes whatever screen is on top, and ends the program if that is the last one.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow actions only while mounted and on top: they act on the dialog's widgets."""
        if not (self.is_mounted and self.is_active):
            return False
        return super().check_action(action, parameters)
