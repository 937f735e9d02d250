"""What the screens over sessions share: the board, the actions of the table, the size they need."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen
from textual.widgets import Static

from training.lifecycle import Trigger
from tui.actions import find, trigger_of, why_not
from tui.inert import inert
from tui.messages import ChangeRequested
from tui.screens.confirm import Confirm, Question
from tui.screens.help import Help

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from storage.records import SessionRecord
    from tui.board import Board, Change

MIN_WIDTH, MIN_HEIGHT = 60, 16
TOO_SMALL = f"mnist-tui needs {MIN_WIDTH}×{MIN_HEIGHT} characters; enlarge the terminal"


class SizedScreen(Screen[None]):
    """A screen that says so where the terminal is too small for it."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-tiny"),
        (MIN_WIDTH, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 — the base class annotates it
        (0, "-flat"),
        (MIN_HEIGHT, "-low"),
        (20, "-medium"),
        (36, "-tall"),
    ]

    def too_small_notice(self) -> Widget:
        """Return what is seen instead of everything else on a tiny terminal."""
        return Static(TOO_SMALL, id="too-small", markup=False)

    def show_progress(self, text: str) -> None:
        """Show how far a task of this client is, where that belongs here."""


class BoardScreen(SizedScreen):
    """A screen over the board's selected session."""

    NAME: ClassVar[str]
    """The name under which the table of actions knows the screen."""

    def __init__(self, board: Board, new_session: Callable[[], None]) -> None:
        super().__init__()
        self.board = board
        self._new_session = new_session

    @property
    def focus_record(self) -> SessionRecord | None:
        """The session that keys act on."""
        return self.board.selected

    def board_changed(self, change: Change) -> None:
        """Draw what is different."""
        raise NotImplementedError

    def tick(self) -> None:
        """Read files again, as the refresh interval says."""

    def show_link(self, banner: str) -> None:
        """Show that the supervisor is away, or that it is back."""

    def action_new(self) -> None:
        """Open the form."""
        self._new_session()

    def action_help(self) -> None:
        """Show every key of this screen."""
        self.app.push_screen(Help(self.NAME, self.focus_record))

    def action_ask(self, name: str) -> None:
        """Ask the supervisor for what action `name` means for the session, or say why not."""
        self.app.clear_notifications()
        action, record = find(name), self.focus_record
        sentence = why_not(action, record)
        if sentence or record is None:
            self.notify(sentence or "", markup=False)
            return
        trigger = trigger_of(action, record)
        question = _question(record, trigger)
        if question is None:
            self.post_message(ChangeRequested(record.id, trigger))
        else:
            # The answer is for this session, wherever the cursor is by then.
            self.app.push_screen(Confirm(question), partial(self._answered, record.id, trigger))

    def _answered(self, session_id: int, trigger: Trigger, is_yes: bool | None) -> None:
        if is_yes:
            self.post_message(ChangeRequested(session_id, trigger))


def _question(record: SessionRecord, trigger: Trigger) -> Question | None:
    name = f"#{record.id} {inert(record.name, 40)}"
    if trigger is Trigger.KILL:
        return Question(
            f"Kill {name}?",
            "It ends at once. What was trained since its last checkpoint is lost;"
            " p resumes it from there.",
            "kill",
        )
    if trigger is Trigger.REMOVE:
        return Question(
            f"Move {name} to the trash?", "Its files stay in the trash until that is emptied.",
            "to the trash",
        )  # fmt: skip
    return None
