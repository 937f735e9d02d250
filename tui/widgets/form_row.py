"""Row of the form: a field's name, its control, and a note or problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Select, Static

from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from mnist_tui.tui.widgets.safe_input import SafeInput


class Choice(Select[str]):
    """List of choices; left and right choose without opening it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "show_overlay", "open", show=False),
        Binding("right", "step(1)", "next", show=False),
        Binding("left", "step(-1)", "previous", show=False),
    ]

    def __init__(self, choices: tuple[str, ...], value: str, *, widget_id: str) -> None:
        super().__init__(
            [(choice, choice) for choice in choices], value=value, allow_blank=False, compact=True,
            id=widget_id,
        )  # fmt: skip
        self.choices = choices

    def action_step(self, places: int) -> None:
        """Choose the next or previous entry."""
        place = self.choices.index(str(self.value)) + places
        self.value = self.choices[place % len(self.choices)]


class FormRow(Horizontal):
    """One field: its name, its control, and a note or problem."""

    def __init__(self, field_name: str, control: SafeInput | Choice, unit: str) -> None:
        super().__init__(id=f"row-{field_name}")
        self.field_name = field_name
        self.control = control
        self.unit = unit
        self.problem = ""
        """The problem with the value, as a sentence; empty if there is none."""
        self._shown = unit

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield Static(self.field_name.replace("_", " "), classes="label", markup=False)
        yield self.control
        yield Static(self.unit, classes="note", markup=False)

    @property
    def text(self) -> str:
        """The text of the field; empty if it is left open."""
        return str(self.control.value).strip()

    def write(self, text: str, default: str) -> None:
        """Set the text; a choice that is left open shows its default."""
        if isinstance(self.control, Choice):
            self.control.value = text if text in self.control.choices else default
        else:
            self.control.value = text

    def show_problem(
        self, problem: str, notes: tuple[str, ...] = (), *, is_changed: bool = False
    ) -> None:
        """Show the problem, or the notes if there is none.

        Args:
            problem: A sentence; empty where nothing is wrong.
            notes: What else there is to say; empty ones are left out.
            is_changed: Whether the session that is cloned had another value.
        """
        self.problem = problem
        self.set_class(bool(problem), "-wrong")
        self.set_class(is_changed, "-changed")
        texts = [f"✗ {problem}"] if problem else [note for note in notes if note]
        shown = printable(" · ".join(texts), 200)
        if shown != self._shown:
            self._shown = shown
            self.query_one(".note", Static).update(Content(shown))

    def suit(self, placeholder: str | None) -> None:
        """Show the value of the field if left open; disable it for None."""
        self.control.disabled = placeholder is None
        self.set_class(placeholder is None, "-foreign")
        if isinstance(self.control, Input):
            self.control.placeholder = "does not apply" if placeholder is None else placeholder
