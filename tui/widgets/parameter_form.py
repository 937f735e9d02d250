"""Form over the hyperparameter table: one line per field with its problem beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Select, Static

from mnist_tui.training.parameters.hyperparameters import FIELDS, applicable
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.tui.forms import user_code
from mnist_tui.tui.forms.field_text import default_text, was_text
from mnist_tui.tui.forms.preset_fill import NO_PRESET
from mnist_tui.tui.widgets.form_row import Choice, FormRow
from mnist_tui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult

    from mnist_tui.training.parameters.field import Field

PRESET, NAME, HOLD = "preset", "name", "hold"
SECTIONS = {"dataset": "Data", "model": "Model", "optimizer": "Optimizer", "batch_size": "Run"}
"""The heading above the field that begins each section."""
OWN_EXAMPLES = {user_code.DATASET: "a folder", user_code.MODEL: "module:build"}
OWN_ROWS = {"dataset": user_code.DATASET, "model": user_code.MODEL}
"""Rows for user-supplied datasets and models, below the choices."""


class ParameterForm(VerticalScroll, can_focus=False):
    """All fields in logical order: data, model, optimiser, run."""

    @dataclass
    class Changed(Message):
        """A value changed."""

        def can_replace(self, message: Message) -> bool:
            """Merge: a preset changes many fields and need be checked only once."""
            return isinstance(message, ParameterForm.Changed)

    @dataclass
    class FieldEntered(Message):
        """Another field got the focus."""

        field_name: str

    @dataclass
    class PresetChosen(Message):
        """A preset, or none, was chosen."""

        preset: str

    def __init__(
        self,
        given: Mapping[str, str],
        original: Mapping[str, Any] | None,
        *,
        widget_id: str | None = None,
    ) -> None:
        """Make the form.

        Args:
            given: What the fields say at first.
            original: The parameters of the session that is cloned, to mark what differs.
            widget_id: The id of this widget.
        """
        super().__init__(id=widget_id)
        self._given = given
        self._original = original or {}

    def compose(self) -> ComposeResult:
        """Yield a row per field."""
        yield self._choice_row(PRESET, (NO_PRESET, *PRESETS))
        yield FormRow(NAME, self._line(NAME), "")
        for field in FIELDS.values():
            if field.name in SECTIONS:
                yield Static(SECTIONS[field.name], classes="section", markup=False)
            yield FormRow(field.name, self._control(field), field.unit)
            if field.name in OWN_ROWS:
                yield FormRow(OWN_ROWS[field.name], self._own_line(field), "")
        yield self._choice_row(HOLD, ("no", "yes"))

    @property
    def rows(self) -> dict[str, FormRow]:
        """The rows by field."""
        return {row.field_name: row for row in self.query(FormRow)}

    def row(self, field_name: str) -> FormRow:
        """Return one row."""
        return self.query_one(f"#row-{field_name}", FormRow)

    def typed(self) -> dict[str, str]:
        """Return the texts of all fields, whether they apply or not, without empty ones.

        A dataset or model of the user's stands for dataset or model too, unless it is wrong.
        """
        typed = {name: row.text for name, row in self.rows.items() if row.text}
        for name, own_name in OWN_ROWS.items():
            if own_name in typed and not user_code.problem_of(own_name, typed[own_name]):
                typed[name] = typed[own_name]
        return typed

    def parameters(self) -> dict[str, str]:
        """Return the texts of the parameters that apply."""
        typed = self.typed()
        meaningful = applicable(typed["model"], typed["optimizer"])
        return user_code.with_absolute_paths(
            {name: value for name, value in typed.items() if name in meaningful}
        )

    def own_problems(self) -> dict[str, str]:
        """Return the problems of user-supplied datasets and models, by field."""
        rows = self.rows
        problems = {name: user_code.problem_of(name, rows[name].text) for name in OWN_ROWS.values()}
        return {name: text for name, text in problems.items() if rows[name].text and text}

    def fill(self, texts: Mapping[str, str]) -> None:
        """Set the texts of fields; empty text leaves one open."""
        rows = self.rows
        for name, text in texts.items():
            rows[name].write(text, FIELDS[name].show(FIELDS[name].default))

    def show_state(self, problems: Mapping[str, str], notes: Mapping[str, str]) -> None:
        """Show the problem or notes of each field; disable those that do not apply."""
        typed = self.typed()
        for name, row in self.rows.items():
            row.suit(_placeholder(name, typed))
            was = was_text(name, typed, self._original) if self._original else ""
            row_notes = (row.unit, notes.get(name, ""), f"was {was}" if was else "")
            row.show_problem(problems.get(name, ""), row_notes, is_changed=bool(was))

    def focus_field(self, field_name: str) -> None:
        """Focus one field."""
        self.row(field_name).control.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Report the field that got the focus."""
        row = next((node for node in event.widget.ancestors if isinstance(node, FormRow)), None)
        if row is not None:
            self.post_message(self.FieldEntered(row.field_name))
            self.call_after_refresh(self._show_focused)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report a change."""
        if event.input is self.row(user_code.MODEL).control:
            self._suit_first_weights(event.value)
        self.post_message(self.Changed())

    def on_select_changed(self, event: Select.Changed) -> None:
        """Report a change, or a chosen preset."""
        if event.select is self.row(PRESET).control:
            self.post_message(self.PresetChosen(str(event.value)))
        self.post_message(self.Changed())

    def on_resize(self) -> None:
        """Keep the focused field visible."""
        self.call_after_refresh(self._show_focused)

    def _suit_first_weights(self, own_model: str) -> None:
        """Select the initialization `own` for user-supplied models, and for no others."""
        first_weights = self.row("initialization")
        is_own = bool(own_model.strip())
        if is_own is not (first_weights.text == "own"):
            first_weights.write("own" if is_own else "", str(FIELDS["initialization"].default))

    def _show_focused(self) -> None:
        # Looked up only now: later keys may have moved the focus.
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            focused.scroll_visible(animate=False)

    def _choice_row(self, name: str, choices: tuple[str, ...]) -> FormRow:
        given = self._given.get(name, choices[0])
        value = given if given in choices else choices[0]
        return FormRow(name, Choice(choices, value, widget_id=f"field-{name}"), "")

    def _control(self, field: Field) -> SafeInput | Choice:
        if not field.choices or field.default is None:  # left open, it depends on the model
            return self._line(field.name)
        default = field.show(field.default)
        value = self._given.get(field.name) or default
        return Choice(
            field.choices,
            value if value in field.choices else default,
            widget_id=f"field-{field.name}",
        )

    def _own_line(self, field: Field) -> SafeInput:
        """Return the input of a user-supplied dataset or model, filled in for a clone."""
        name, given = OWN_ROWS[field.name], self._given.get(field.name, "")
        text = self._given.get(name) or ("" if given in field.choices else given)
        return SafeInput(text, compact=True, id=f"field-{name}", select_on_focus=True)

    def _line(self, name: str) -> SafeInput:
        return SafeInput(
            self._given.get(name, ""), compact=True, id=f"field-{name}", select_on_focus=True
        )


def _placeholder(name: str, typed: Mapping[str, str]) -> str | None:
    """Return the value of a field that is left open, or None if it does not apply."""
    model, optimizer = typed["model"], typed["optimizer"]
    if name == NAME:
        return f"{model}-{user_code.typed_dataset_label(typed['dataset'])}"
    if name not in FIELDS:
        return OWN_EXAMPLES.get(name, "")
    if name not in applicable(model, optimizer):
        return None
    return default_text(FIELDS[name], model, optimizer)
