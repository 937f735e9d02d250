"""Help: every key of a screen, searchable."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from mnist_tui.tui.keys.key_action import GROUPS, TITLES
from mnist_tui.tui.keys.key_rules import actions_of, applies, label_of
from mnist_tui.tui.modals.modal import Modal
from mnist_tui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.keys.key_action import KeyAction

CLOSING = "/ searches · j k scroll · escape closes"


class Help(Modal[None]):
    """Dialog of keys and their actions; in grey those that do not apply to the selected session."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,f1", "close", "close"),
        Binding("slash", "search", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", show=False),
    ]

    def __init__(
        self,
        screen_name: str,
        focus: SessionRecord | None = None,
        targets: Sequence[SessionRecord] = (),
    ) -> None:
        """Make the dialog.

        Args:
            screen_name: The screen of the keys.
            focus: The session under the cursor.
            targets: The sessions that keys act on.
        """
        super().__init__()
        self._screen_name = screen_name
        self._focus = focus
        self._targets = targets

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        with Vertical(id="box"):
            yield Static(Content.styled(f"Keys: {TITLES[self._screen_name]}", "bold"), id="title")
            yield SafeInput(placeholder="search", compact=True, id="search")
            with VerticalScroll(id="keys-list"):
                yield Static(self._text(""), id="keys-text")
            yield Static(Content.styled(CLOSING, "$text-muted"), id="closing")

    def action_search(self) -> None:
        """Start a search."""
        self.set_class(True, "-searching")
        self.query_one("#search", SafeInput).focus()

    def action_close(self) -> None:
        """End the search first, then close."""
        if self.has_class("-searching"):
            self.set_class(False, "-searching")
            self.query_one("#search", SafeInput).value = ""
            self.set_focus(None)
        else:
            self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll the list."""
        self.query_one("#keys-list").scroll_relative(y=lines, animate=False)

    @on(Input.Changed)
    def _show_found(self, event: Input.Changed) -> None:
        self.query_one("#keys-text", Static).update(self._text(event.value))

    @on(Input.Submitted)
    def _keep_found(self) -> None:
        self.set_focus(None)

    def _text(self, sought: str) -> Content:
        lines = []
        for group in GROUPS:
            actions = [
                action
                for action in actions_of(self._screen_name)
                if action.group == group and _matches(action, sought)
            ]
            if actions:
                lines += [Content.styled(group, "bold"), *map(self._line, actions), Content("")]
        return Content("\n").join(lines) if lines else Content("no key does that")

    def _line(self, action: KeyAction) -> Content:
        label = label_of(action, self._targets)
        if not applies(action, self._focus, self._targets):
            return Content.styled(f" {action.all_keys:<11} {label:<11} {action.tooltip}",
                                  "$tone-off")  # fmt: skip
        return Content.assemble(
            (f" {action.all_keys:<11} ", "bold $accent"), f"{label:<11} {action.tooltip}"
        )


def _matches(action: KeyAction, sought: str) -> bool:
    text = f"{action.all_keys} {action.label} {action.tooltip} {action.group}".casefold()
    return all(word in text for word in sought.casefold().split())
