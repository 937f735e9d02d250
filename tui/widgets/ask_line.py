"""One line at the bottom that asks for text: a filter, a name, a number to go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget


@dataclass(frozen=True)
class LineQuestion:
    """What is asked, and what is done with the answer."""

    label: str
    on_submit: Callable[[str], str | None]
    """Takes the answer; returns what is wrong with it, or None to close the line."""
    value: str = ""
    hint: str = ""
    on_change: Callable[[str], str | None] = lambda _: None
    """Takes every change; returns what is wrong so far, or None."""
    on_cancel: Callable[[], None] = lambda: None


class AskLine(Horizontal):
    """Asks one question; enter answers, escape leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("ctrl+c", "cancel", show=False, priority=True),
    ]

    def __init__(self, question: LineQuestion) -> None:
        super().__init__()
        self._question = question
        self._before: Widget | None = None
        self._is_touched = False
        self._is_closed = False

    def compose(self) -> ComposeResult:
        """Make the line."""
        yield Static(Content(f" {printable(self._question.label)} "), classes="label")
        value = self._question.value
        yield SafeInput(printable(value, len(value)), compact=True, select_on_focus=False)
        yield Static(Content(printable(self._question.hint)), classes="hint")

    def on_mount(self) -> None:
        """Take the keys."""
        self._before = self.screen.focused
        line = self.query_one(SafeInput)
        line.focus()
        line.cursor_position = len(line.value)

    @on(Input.Changed)
    def _take_change(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._question.value or self._is_touched:
            self._is_touched = True
            # What was typed is seen first: trying it may take longer than a frame.
            self.call_after_refresh(self._try, event.value)

    def _try(self, text: str) -> None:
        """Tell of a change, unless it was overtaken by the next one or by the answer."""
        if not self._is_closed and text == self.query_one(SafeInput).value:
            self._tell(self._question.on_change(text))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._question.on_submit(event.value.strip())
        if problem is None:
            self.close()
        else:
            self._tell(problem)

    def action_cancel(self) -> None:
        """Leave everything as it was."""
        self._question.on_cancel()
        self.close()

    def close(self) -> None:
        """Go away and give the keys back."""
        self._is_closed = True
        if self._before is not None and self._before.is_attached:
            self._before.focus()
        else:
            self.screen.set_focus(None)
        self.remove()

    def _tell(self, problem: str | None) -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(problem), "-wrong")
        hint.update(Content(printable(f"✗ {problem}" if problem else self._question.hint)))
