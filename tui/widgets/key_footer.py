"""Footer of keys in one widget: 28 ms per cursor move where Textual's Footer takes 158 ms.

Textual's mounts a widget for each key again whenever one is disabled (`bench_ui widgets`,
docs/benchmarks.md). Here keys that do not apply to the session are grey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from mnist_tui.tui.keys.key_rules import actions_of, applies, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord

GAP = "  "


class KeyFooter(Widget):
    """Keys and words from the table of actions, as many as fit."""

    def __init__(self, screen_name: str, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._actions = [action for action in actions_of(screen_name) if action.is_in_footer]
        self._targets: Sequence[SessionRecord] = ()
        self._shown: list[tuple[str, str, bool]] = []

    def show(self, targets: Sequence[SessionRecord]) -> None:
        """Show keys in grey that apply to none of `targets`, the sessions that keys act on."""
        self._targets = targets
        shown = self._items()
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def on_mount(self) -> None:
        """Show the keys without a session."""
        self.show(())

    def render(self) -> Content:
        """Return the line: help and leave always, the others as far as they fit."""
        room = self.size.width - 1
        items = self._shown
        while len(items) > 2 and sum(len(f"{key} {word}{GAP}") for key, word, _ in items) > room:
            items = [*items[:-3], *items[-2:]]
        parts = [
            Content.styled(f"{key} {word}", "$tone-off")
            if is_grey
            else Content.assemble((key, "bold $accent"), " ", word)
            for key, word, is_grey in items
        ]
        return Content(" ") + Content(GAP).join(parts)

    def _items(self) -> list[tuple[str, str, bool]]:
        return [
            (
                action.key,
                label_of(action, self._targets),
                not applies(action, self._targets[0] if self._targets else None, self._targets),
            )
            for action in self._actions
        ]
