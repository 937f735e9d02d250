"""A line to type in; what is pasted only ever prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from textual import events


class SafeInput(Input):
    """An input without frame whose text can steer no terminal."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in place of what stands there."""
        super().replace(printable(text), start, end)

    async def _on_key(self, event: events.Key) -> None:
        """Edit at once: left to the app, a backspace would come after letters typed behind it."""
        bindings = self._bindings.key_to_bindings.get(event.key, [])
        if bindings and not event.is_printable:
            event.stop()
            event.prevent_default()
            await self.run_action(bindings[0].action)
