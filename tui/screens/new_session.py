"""The form for a new session: explained and checked while typing, started from anywhere."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Select, Static

from training.client import Refused, Unreachable
from training.parameters import to_plain
from training.protocol import Create, Summarize, Warm
from tui.actions import FORM, bindings_of
from tui.form_check import FormCheck
from tui.inert import inert
from tui.screens.base import SizedScreen
from tui.screens.help import Help
from tui.widgets.field_help import field_help, model_summary
from tui.widgets.key_footer import KeyFooter
from tui.widgets.parameter_form import HOLD, NAME, ParameterForm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from training.parameters import Hyperparameters

SUMMARY_DELAY_S = 0.3


class NewSessionScreen(SizedScreen):
    """Fields on the left; on the right the focused field's help and what the model will be."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(FORM)

    form = query_one("#form", ParameterForm)
    help_text = query_one("#field-help", Static)
    model_text = query_one("#model-summary", Static)
    message = query_one("#message", Static)

    def __init__(
        self,
        request: Callable[..., Awaitable[Any]],
        data_dir: Path,
        draft: dict[str, str],
        created: Callable[[dict[str, Any]], None],
    ) -> None:
        """Make the form.

        Args:
            request: Sends a request to the supervisor.
            data_dir: The dataset folder.
            draft: What the fields say at first; kept up to date, so that leaving loses nothing.
            created: Takes the record of the session made.
        """
        super().__init__()
        self._request = request
        self._data_dir = data_dir
        self._draft = draft
        self._created = created
        self._check = FormCheck(data_dir)
        self._field = NAME
        self._refused: dict[str, str] = {}
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Make the screen."""
        yield self.too_small_notice()
        yield Static(" New session", id="header", markup=False)
        with Horizontal(id="body"):
            yield ParameterForm(dict(self._draft), widget_id="form")
            with Vertical(id="side"):
                yield Static(id="field-help")
                yield Static(id="model-summary")
        yield Static(id="message")
        yield KeyFooter(FORM, widget_id="keys")

    def on_mount(self) -> None:
        """Load torch ahead of the first start and explain the first field."""
        problems = self._check_now()
        self.form.focus_field(
            next((name for name in self.form.rows if name in problems), "dataset")
        )
        self._warm()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to an open list of choices."""
        is_list_open = isinstance(self.focused, Select) is False and any(
            select.expanded for select in self.query(Select)
        )
        if is_list_open and action in ("next_field", "previous_field", "back"):
            return False
        return super().check_action(action, parameters)

    def show_progress(self, text: str) -> None:
        """Show how far a dataset's download is."""
        if self._is_busy:
            self.message.update(Content.styled(f" {inert(text)}", "$tone-busy"))

    @on(ParameterForm.Changed)
    def _check_again(self) -> None:
        self._refused = {}
        self._check_now()

    @on(ParameterForm.FieldEntered)
    def _explain(self, event: ParameterForm.FieldEntered) -> None:
        self._field = event.field_name
        self._show_help()

    @on(Input.Submitted)
    def _go_on(self) -> None:
        self.action_next_field()

    def action_next_field(self) -> None:
        """Go to the next field."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Go to the previous field."""
        self.focus_previous()

    def action_help(self) -> None:
        """Show every key of the form."""
        self.app.push_screen(Help(FORM, None))

    def action_back(self) -> None:
        """Leave; what was typed is there when the form opens again."""
        self._draft.clear()
        self._draft.update(self.form.typed())
        self.dismiss()

    def action_start(self) -> None:
        """Start the session unless a field is wrong."""
        if self._is_busy:
            return
        problems = self._check_now()
        if problems:
            first = next(name for name in self.form.rows if name in problems)
            self.form.focus_field(first)
            self._say_wrong(f"{first.replace('_', ' ')}: {problems[first]}")
            return
        self._create()

    def _check_now(self) -> dict[str, str]:
        typed = self.form.typed()
        resolved, problems = self._check.check(self.form.parameters(), typed.get(NAME, ""))
        problems = self._refused | problems
        self.form.show_problems(problems)
        self.form.row("dataset").tell(
            problems.get("dataset", ""), self._check.dataset_note(typed["dataset"])
        )
        self._show_help()
        self.message.update("")
        if resolved is not None:
            self._summarize(resolved)
        return problems

    def _show_help(self) -> None:
        row = self.form.row(self._field)
        typed = self.form.typed()
        self.help_text.update(field_help(self._field, row.problem, typed))

    def _say_wrong(self, sentence: str) -> None:
        self.message.update(Content.styled(f" ✗ {inert(sentence)}", "$tone-bad"))

    @work(group="warm")
    async def _warm(self) -> None:
        try:
            await self._request(Warm)
        except (Refused, Unreachable):
            return  # the first start takes a little longer, nothing else

    @work(exclusive=True, group="summary")
    async def _summarize(self, parameters: Hyperparameters) -> None:
        await asyncio.sleep(SUMMARY_DELAY_S)
        try:
            summary = await self._request(Summarize, parameters=to_plain(parameters))
        except (Refused, Unreachable) as error:
            self.model_text.update(Content(inert(error)))
        else:
            self.model_text.update(model_summary(parameters.model, summary))

    @work(exclusive=True, group="create")
    async def _create(self) -> None:
        from training.creation import (  # noqa: PLC0415 — 20 ms that only a start needs
            FORWARDED_VARIABLES,
        )

        typed = self.form.typed()
        self._is_busy = True
        self.message.update(Content.styled(" starting…", "$tone-busy"))
        try:
            record = await self._request(
                Create,
                parameters=self.form.parameters(),
                data_dir=str(self._data_dir),
                name=typed.get(NAME, ""),
                is_held=typed[HOLD] == "yes",
                environment={
                    name: os.environ[name] for name in FORWARDED_VARIABLES if name in os.environ
                },
            )
        except Refused as error:
            self._refuse(error)
        except Unreachable as error:
            self._say_wrong(str(error))
        else:
            self._draft.clear()
            self._created(record)
            self.dismiss()
        finally:
            self._is_busy = False

    def _refuse(self, error: Refused) -> None:
        self._refused = dict(error.problems)
        self.form.show_problems(self._refused)
        self._say_wrong(str(error))
        first = next((name for name in self.form.rows if name in self._refused), None)
        if first is not None:
            self.form.focus_field(first)
