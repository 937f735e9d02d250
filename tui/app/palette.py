"""Command palette: every action and page of the screen, sessions to go to, and themes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.keys.key_rules import actions_of, applies, call_of
from mnist_tui.tui.state.messages import SessionOpened, ThemeChosen
from mnist_tui.tui.terminal.themes import THEMES
from mnist_tui.tui.text.formatting import state_look
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.types import IgnoreReturnCallbackType

MAX_SESSIONS = 20


class Palette(CommandPalette):
    """Search dialog; like `tui.modals.modal.Modal` it closes once."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close; ignore a second enter from the same burst."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable paging on a terminal too small for the list: Textual divides by its height."""
        if action == "command_list" and not self.query_one(CommandList).scrollable_content_region:
            return False
        return super().check_action(action, parameters)


class PaletteProvider(Provider):
    """The commands of the screen that the palette was opened on."""

    async def discover(self) -> Hits:
        """Offer every action before anything is typed."""
        for text, tooltip, run in self._actions():
            yield DiscoveryHit(Content(text), _once(run), text=text, help=tooltip)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for text, tooltip, run in (*self._actions(), *self._themes(), *self._sessions(query)):
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, Content(text), _once(run), text=text, help=tooltip)

    def _actions(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return
        targets = screen.targets()
        for action in actions_of(screen.NAME):
            is_trivial = action.name.startswith(("move", "page", "cursor", "dial", "app.command"))
            if is_trivial or not action.label or action.takes_key:
                continue
            if not applies(action, screen.focus_record, targets):
                continue
            text = f"{action.label}: {action.tooltip}"
            yield text, f"key {action.key}", partial(screen.run_action, call_of(action))
        for text, run in screen.commands():
            yield text, "", run

    def _themes(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        for name in THEMES:
            yield f"theme {name}", "colours", partial(self.app.post_message, ThemeChosen(name))

    def _sessions(self, query: str) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        screen, words = self.screen, query.casefold().split()
        if not isinstance(screen, BaseScreen) or not words:
            return
        num_matches = 0
        for session_id in screen.board.order:
            record = screen.board.records[session_id]
            text = f"#{session_id} {printable(record.name)}"
            if not all(word in text.casefold() for word in words):
                continue
            yield (
                text,
                state_look(record).word,
                partial(screen.post_message, SessionOpened(session_id)),
            )
            num_matches += 1
            if num_matches == MAX_SESSIONS:
                return


def _once(run: IgnoreReturnCallbackType) -> Callable[[], Any]:
    """Return a function that runs a command only once: enter may come twice in one burst."""
    left = [run]
    return lambda: left.pop()() if left else None
