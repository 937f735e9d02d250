"""Every key of a screen, from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions import Action, actions_of, label_of, readable, why_not

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from storage.records import SessionRecord

TITLES = {"sessions": "Sessions", "session": "Session", "form": "New session"}


class Help(ModalScreen[None]):
    """The keys, what they do, and in grey those that do not apply to the selected session."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,f1", "dismiss", "close"),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, screen_name: str, record: SessionRecord | None) -> None:
        super().__init__()
        self._screen_name = screen_name
        self._record = record

    def compose(self) -> ComposeResult:
        """Make the list."""
        with VerticalScroll(id="box"):
            yield Static(Content.styled(f"Keys: {TITLES[self._screen_name]}", "bold"), id="title")
            for action in actions_of(self._screen_name):
                yield Static(self._line(action))
            yield Static(Content.styled("escape closes", "$text-muted"), id="closing")

    def action_scroll(self, lines: int) -> None:
        """Scroll the list."""
        self.query_one("#box").scroll_relative(y=lines, animate=False)

    def _line(self, action: Action) -> Content:
        keys = " ".join(readable(key) for key in action.keys)
        label = label_of(action, self._record)
        if why_not(action, self._record):
            return Content.styled(f"{keys:<12} {label:<11} {action.tooltip}", "$tone-off")
        return Content.assemble((f"{keys:<12} ", "bold $accent"), f"{label:<11} {action.tooltip}")
