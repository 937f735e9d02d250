"""Updates that wait for the next refresh; new states are shown at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.training.protocol.messages import SessionChanged, session_of
from mnist_tui.tui.state.board import NOTHING

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.protocol.messages import Event
    from mnist_tui.tui.state.board import Board, BoardDiff


class PendingUpdates:
    """The newest update of each session until it is due, or all while the picture is frozen."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._figures: dict[int, SessionRecord] = {}
        self._held: dict[int | None, Event] = {}
        self.is_frozen = False

    def take(self, event: Event) -> BoardDiff:
        """Take an event and return the differences to show now."""
        if self.is_frozen:
            self._held[session_of(event)] = event
            return NOTHING
        if self.take_figures(event):
            return NOTHING
        session_id = session_of(event)
        if session_id is not None:
            self._figures.pop(session_id, None)
        return self._board.apply(event)

    def take_figures(self, event: Event) -> bool:
        """Keep an event for the next refresh if only figures changed; return True if so."""
        if self.is_frozen or not isinstance(event, SessionChanged):
            return False
        if self._board.is_news(event.record):
            return False
        self._figures[event.record.id] = event.record
        return True

    def settle(self) -> BoardDiff:
        """Apply the figures that came since the last refresh and return the differences."""
        figures, self._figures = self._figures, {}
        return self._board.put_all(figures.values()) if figures else NOTHING

    def forget(self) -> None:
        """Discard all updates, before all records are replaced."""
        self._figures.clear()
        self._held.clear()

    def thaw(self) -> BoardDiff:
        """End the freeze and return the differences since it began."""
        self.is_frozen = False
        held, self._held = self._held, {}
        change = NOTHING
        for event in held.values():
            change |= self.take(event)
        return change | self.settle()
