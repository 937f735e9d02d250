"""Text input that accepts only printable characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import BindingsMap
from textual.widgets import Input

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from textual import events


class SafeInput(Input):
    """Input whose text cannot contain control sequences."""

    _edits = BindingsMap(Input.BINDINGS).key_to_bindings

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a span with `text`."""
        super().replace(printable(text), start, end)

    async def on_key(self, event: events.Key) -> None:
        """Edit at once: left to the app, a backspace would follow the letters typed after it."""
        bindings = self._edits.get(event.key, [])
        if bindings and not event.is_printable:
            event.stop()
            event.prevent_default()
            await self.run_action(bindings[0].action)
