"""The form over `training.parameters.FIELDS`: one line per field, what is wrong beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static

from training.catalog import MODELS, OPTIMIZERS
from training.parameters import FIELDS, applicable
from tui.inert import inert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult

    from training.fields import Field

NAME, HOLD = "name", "hold"
SECTIONS = {"dataset": "Data", "model": "Model", "optimizer": "Optimiser", "batch_size": "Run"}
"""The heading above the field that begins each section."""
LABEL_HELP = {
    NAME: "What you will call it, 64 characters at most. Left open: after model and dataset",
    HOLD: "Wait in the queue until you release it with h",
}


class Line(Input):
    """A line to type in; what is pasted only ever prints."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in place of what stands there."""
        super().replace(inert(text), start, end)


class Choice(Select[str]):
    """A list to choose from; left and right choose without opening it."""

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
        self._choices = choices

    def action_step(self, places: int) -> None:
        """Choose the next or previous entry."""
        place = self._choices.index(str(self.value)) + places
        self.value = self._choices[place % len(self._choices)]


class FormRow(Horizontal):
    """One field: its name, its control, and a note or what is wrong."""

    def __init__(self, field_name: str, control: Input | Choice, note: str) -> None:
        super().__init__(id=f"row-{field_name}")
        self.field_name = field_name
        self.control = control
        self._note = note
        self.problem = ""
        """What is wrong with the value, as a sentence; empty where nothing is."""

    def compose(self) -> ComposeResult:
        """Make the line."""
        yield Static(self.field_name.replace("_", " "), classes="label", markup=False)
        yield self.control
        yield Static(self._note, classes="note", markup=False)

    def tell(self, problem: str, note: str | None = None) -> None:
        """Show what is wrong, or the note where nothing is."""
        self._note = self._note if note is None else note
        self.problem = problem
        shown = inert(f"✗ {problem}" if problem else self._note)
        self.set_class(bool(problem), "-wrong")
        self.query_one(".note", Static).update(Content(shown))

    def suit(self, placeholder: str | None) -> None:
        """Show what the field will be where it is left open; grey it for None: it has no say."""
        self.control.disabled = placeholder is None
        self.set_class(placeholder is None, "-foreign")
        if isinstance(self.control, Input):
            self.control.placeholder = "does not apply" if placeholder is None else placeholder


class ParameterForm(VerticalScroll, can_focus=False):
    """All fields, in the order people think: data, model, optimiser, run."""

    @dataclass
    class Changed(Message):
        """A value is different."""

    @dataclass
    class FieldEntered(Message):
        """Another field has the keys."""

        field_name: str

    def __init__(self, given: Mapping[str, str], *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._given = given

    def compose(self) -> ComposeResult:
        """Make a line per field."""
        yield FormRow(NAME, self._input(NAME), "")
        for field in FIELDS.values():
            if field.name in SECTIONS:
                yield Static(SECTIONS[field.name], classes="section", markup=False)
            yield FormRow(field.name, self._control(field), field.unit)
        hold = self._given.get(HOLD, "no")
        yield FormRow(HOLD, Choice(("no", "yes"), hold, widget_id=f"field-{HOLD}"), "")

    @property
    def rows(self) -> dict[str, FormRow]:
        """The lines by field."""
        return {row.field_name: row for row in self.query(FormRow)}

    def row(self, field_name: str) -> FormRow:
        """Return one line."""
        return self.query_one(f"#row-{field_name}", FormRow)

    def typed(self) -> dict[str, str]:
        """Return what every field says, whether it applies or not; empty ones left out."""
        values = {name: str(row.control.value).strip() for name, row in self.rows.items()}
        return {name: value for name, value in values.items() if value}

    def parameters(self) -> dict[str, str]:
        """Return what was given of the parameters that apply."""
        typed = self.typed()
        meaningful = applicable(typed["model"], typed["optimizer"])
        return {name: value for name, value in typed.items() if name in meaningful}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show each problem beside its field and grey the fields that do not apply."""
        typed = self.typed()
        for name, row in self.rows.items():
            row.suit(_placeholder(name, typed))
            if name in problems or row.problem:
                row.tell(problems.get(name, ""))

    def focus_field(self, field_name: str) -> None:
        """Give the keys to one field."""
        self.row(field_name).control.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tell which field has the keys now."""
        row = next((node for node in event.widget.ancestors if isinstance(node, FormRow)), None)
        if row is not None:
            self.post_message(self.FieldEntered(row.field_name))

    def on_input_changed(self) -> None:
        """Tell that a value is different."""
        self.post_message(self.Changed())

    def on_select_changed(self) -> None:
        """Tell that a value is different."""
        self.post_message(self.Changed())

    def _control(self, field: Field) -> Input | Choice:
        if field.choices:
            value = self._given.get(field.name) or field.show(field.default)
            if value not in field.choices:
                value = field.show(field.default)
            return Choice(field.choices, value, widget_id=f"field-{field.name}")
        return self._input(field.name)

    def _input(self, name: str) -> Input:
        return Line(
            self._given.get(name, ""), compact=True, id=f"field-{name}", select_on_focus=False
        )


def _placeholder(name: str, typed: Mapping[str, str]) -> str | None:
    """Return what a field left open will be, or None where it does not apply."""
    model, optimizer = typed["model"], typed["optimizer"]
    if name == NAME:
        return f"{model}-{typed['dataset']}"
    if name == HOLD:
        return ""
    if name not in applicable(model, optimizer):
        return None
    return default_text(FIELDS[name], model, optimizer)


def default_text(field: Field, model: str, optimizer: str) -> str:
    """Return what a field left open will be."""
    options: dict[str, Any] = MODELS[model].options | OPTIMIZERS[optimizer]
    if field.name in options:
        return field.show(options[field.name])
    return field.show(field.default) or "auto"
