"""Order of keys that arrive in one burst: each meets the screen that the key before left.

Textual 8.2.8 hands all of them to what has the focus when the first one comes: `enter` and `S` in
one packet would stop what is in the table, and `1`, `2`, `enter` go to whatever the cursor is on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.events import Key

ROUNDS = 2
"""Passes from the widget up to the app: one for the key, one for messages of its action."""
RETRY_S, LONGEST_S = 0.003, 0.5
"""Interval of checks for a mounted screen, and the longest wait of the next key."""


class KeySequencer:
    """Queue of keys, each held back until the key before it has taken effect."""

    def __init__(self, app: App[str]) -> None:
        self._app = app
        self._waiting: deque[Key] = deque()
        self._admitted: Key | None = None
        """The key whose turn it is, on its way to the app again."""
        self._turn = 0
        self._is_busy = False
        self._deadline = 0.0

    def must_wait(self, key: Key) -> bool:
        """Return True if a key must wait; it is posted again when it is its turn."""
        if key is self._admitted:
            self._admitted = None
            return False
        if self._is_busy or self._waiting or self._admitted is not None:
            self._waiting.append(key)
            return True
        return False

    def begin(self, target: DOMNode) -> None:
        """Begin the turn of a key that `target` was given."""
        loop = asyncio.get_running_loop()
        self._turn += 1
        self._is_busy, self._deadline = True, loop.time() + LONGEST_S
        path = [*target.ancestors_with_self, *self._app.screen.ancestors_with_self]
        self._hop(self._turn, deque(path * ROUNDS))
        loop.call_later(LONGEST_S, self._end, self._turn)

    def _hop(self, turn: int, path: deque[DOMNode]) -> None:
        # A node handles earlier messages before the hop.
        while path:
            if path.popleft().call_later(partial(self._hop, turn, path)):
                return
        self._finish(turn)

    def _finish(self, turn: int) -> None:
        loop = asyncio.get_running_loop()
        screen = self._app.screen
        is_ready = screen.is_mounted and getattr(screen, "takes_keys", True)
        if is_ready or loop.time() >= self._deadline:
            self._end(turn)
        else:
            loop.call_later(RETRY_S, self._finish, turn)

    def _end(self, turn: int) -> None:
        if turn != self._turn or not self._is_busy:
            return
        self._is_busy = False
        if self._waiting:
            self._admitted = self._waiting.popleft()
            self._app.post_message(self._admitted)
