"""Prompt at the bottom for one line of text: a filter, a name, a session to go to."""

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
class PromptOptions:
    """Label and initial text of a prompt, and the functions that take its text."""

    label: str
    on_submit: Callable[[str], str | None]
    """Takes the text; returns the problem with it, or None to close the prompt."""
    value: str = ""
    hint: str = ""
    on_change: Callable[[str], str | None] = lambda _: None
    """Takes the text after every change; returns the problem so far, or None."""
    on_cancel: Callable[[], None] = lambda: None


class TextPrompt(Horizontal):
    """One line of input; enter submits it, escape leaves everything unchanged."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("ctrl+c", "cancel", show=False, priority=True),
    ]

    def __init__(self, options: PromptOptions) -> None:
        super().__init__()
        self._options = options
        self._before: Widget | None = None
        self._is_touched = False
        self._is_closed = False

    def compose(self) -> ComposeResult:
        """Yield label, input and hint."""
        yield Static(Content(f" {printable(self._options.label)} "), classes="label")
        value = self._options.value
        yield SafeInput(printable(value, len(value)), compact=True, select_on_focus=False)
        yield Static(Content(printable(self._options.hint)), classes="hint")

    def on_mount(self) -> None:
        """Take the focus."""
        self._before = self.screen.focused
        line = self.query_one(SafeInput)
        line.focus()
        line.cursor_position = len(line.value)

    @on(Input.Changed)
    def _take_change(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._options.value or self._is_touched:
            self._is_touched = True
            # Typed text appears first: applying it may take longer than a frame.
            self.call_after_refresh(self._apply, event.value)

    def _apply(self, text: str) -> None:
        """Report a change, unless the next one or the submission has overtaken it."""
        if not self._is_closed and text == self.query_one(SafeInput).value:
            self._show_problem(self._options.on_change(text))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._options.on_submit(event.value.strip())
        if problem is None:
            self.close()
        else:
            self._show_problem(problem)

    def action_cancel(self) -> None:
        """Close and leave everything unchanged."""
        self._options.on_cancel()
        self.close()

    def close(self) -> None:
        """Remove the prompt and return the focus."""
        self._is_closed = True
        if self._before is not None and self._before.is_attached:
            self._before.focus()
        else:
            self.screen.set_focus(None)
        self.remove()

    def _show_problem(self, problem: str | None) -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(problem), "-wrong")
        hint.update(Content(printable(f"✗ {problem}" if problem else self._options.hint)))
