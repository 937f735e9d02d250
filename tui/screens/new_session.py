"""Form for new sessions: explained and checked while typing, started from any field."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Select, Static

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.sweep import alternatives
from mnist_tui.training.protocol.client import Refused, Unreachable
from mnist_tui.training.protocol.requests import Status, Summarize, Warm
from mnist_tui.training.protocol.session_creator import (
    CreateOptions,
    PartialCreateError,
    SessionCreator,
)
from mnist_tui.training.sessions.hardware import default_threads
from mnist_tui.tui.behaviors.base_screen import BaseScreen
from mnist_tui.tui.behaviors.view_actions import ViewActions
from mnist_tui.tui.forms import user_code
from mnist_tui.tui.forms.form_check import Checked, FormCheck
from mnist_tui.tui.forms.form_estimate import estimate
from mnist_tui.tui.keys.key_action import FORM
from mnist_tui.tui.keys.key_rules import bindings_of
from mnist_tui.tui.state.messages import DataOpened
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.estimate_text import estimate_text, layers_text
from mnist_tui.tui.widgets.field_help import field_help
from mnist_tui.tui.widgets.key_footer import KeyFooter
from mnist_tui.tui.widgets.parameter_form import HOLD, NAME, PRESET, ParameterForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.forms.form_draft import Draft
    from mnist_tui.tui.state.services import AppServices

LIST_KEYS = ("next_field", "previous_field", "back")
"""Actions whose keys an open list of choices takes."""
ESTIMATE_DELAY_S = 0.3
"""Pause in typing after which the estimate is requested."""


class NewSessionScreen(BaseScreen):
    """Fields on the left; on the right the focused field's help and the estimate."""

    NAME = FORM
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(FORM)

    form = query_one("#form", ParameterForm)
    header = query_one("#header", Static)
    help_text = query_one("#field-help", Static)
    estimate_text = query_one("#estimate", Static)
    layers_text = query_one("#layers", Static)
    message = query_one("#message", Static)

    def __init__(
        self,
        services: AppServices,
        draft: Draft,
        on_created: Callable[[Draft, list[SessionRecord]], None],
    ) -> None:
        """Make the form.

        Args:
            services: The app's services.
            draft: Initial texts of the fields; kept up to date, so that leaving loses nothing.
            on_created: Takes the draft and the records of the sessions that were created.
        """
        super().__init__(services)
        self.behaviors = (ViewActions(self),)
        self._draft = draft
        self._on_created = on_created
        original = draft.original
        # A clone finds the same images as its original.
        own_folder = original.data_dir if original else None
        self._data_dir = Path(own_folder) if own_folder else services.data_dir
        self._check = FormCheck(self._data_dir)
        self._field = PRESET
        self._refused: dict[str, str] = {}
        self._slots = 1
        self._is_busy = False
        self._dataset = ""
        """The dataset that was requested to be prepared."""
        self._environment = user_code.environment_for(draft.original)

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        original = self._draft.original
        yield self.too_small_notice()
        yield Static(id="header")
        with Horizontal(id="body"):
            yield ParameterForm(
                dict(self._draft.texts), original.parameters if original else None, widget_id="form"
            )
            with Vertical(id="side"):
                yield Static(id="field-help")
                yield Static(id="estimate")
                yield Static(id="layers")
        yield Static(id="message")
        yield KeyFooter(FORM, widget_id="keys")

    def on_mount(self) -> None:
        """Prepare torch and dataset before the first start, and explain the first field."""
        problems = self._check_now().problems
        first = "learning_rate" if self._draft.original else PRESET
        self.form.focus_field(next((name for name in self.form.rows if name in problems), first))
        self._get_ready()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to an open list of choices."""
        is_list_open = isinstance(self.focused, Select) is False and any(
            select.expanded for select in self.query(Select)
        )
        if is_list_open and action == "run" and parameters[0] in LIST_KEYS:
            return False
        return super().check_action(action, parameters)

    def show_progress(self, text: str) -> None:
        """Show the progress of a dataset's download."""
        if self._is_busy and text:
            self.message.update(Content.styled(f" {printable(text)}", "$tone-busy"))

    @on(ParameterForm.Changed)
    def _check_again(self) -> None:
        self._refused = {}
        self._check_now()
        if self.form.parameters()["dataset"] != self._dataset:
            self._get_ready()

    @on(ParameterForm.PresetChosen)
    def _fill(self, event: ParameterForm.PresetChosen) -> None:
        self.form.fill(self._draft.filling.choose(event.preset, self.form.typed()))

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

    def action_presets(self) -> None:
        """Go to the choice of presets."""
        self.form.focus_field(PRESET)

    def action_back(self) -> None:
        """Leave, and keep the draft for the next time."""
        self._keep_draft()
        self.leave()

    def action_start(self) -> None:
        """Start the sessions unless a field has a problem."""
        if not self._is_busy and (checked := self._good()):
            self._start(checked)

    def action_data(self) -> None:
        """Show the dataset of the first session, unless a field has a problem."""
        if checked := self._good():
            parameters = to_plain(checked.resolved[0])
            self.post_message(DataOpened("of a new session", self._data_dir, parameters))

    def _good(self) -> Checked | None:
        """Return the checked form, or go to the first field with a problem."""
        checked = self._check_now()
        if not checked.problems:
            return checked
        first = next(name for name in self.form.rows if name in checked.problems)
        self.form.focus_field(first)
        self._say_wrong(f"{first.replace('_', ' ')}: {checked.problems[first]}")
        return None

    def _check_now(self) -> Checked:
        typed = self.form.typed()
        given = self.form.parameters()
        checked = self._check.check(given, typed.get(NAME, ""))
        problems = self._refused | checked.problems | self.form.own_problems()
        checked = checked._replace(problems=problems)
        notes = {name: _alternatives_note(name, text) for name, text in given.items()}
        is_own = given["dataset"] not in DATASETS
        notes[user_code.DATASET if is_own else "dataset"] = self._check.dataset_note(
            given["dataset"]
        )
        self.form.show_state(checked.problems, notes)
        self._show_help()
        self._show_count(checked)
        self.estimate_text.set_class(not checked.resolved, "-stale")
        if checked.resolved:
            self._estimate(checked)
        return checked

    def _show_count(self, checked: Checked) -> None:
        title, original = " New session", self._draft.original
        if original:
            title += f"  clone of #{original.id} {printable(original.name, 40)}"
        count = len(checked.plans)
        if count > 1:
            title += f"  {count} sessions"
            self.message.update(
                Content(f" ctrl+r starts {count} sessions: {printable(_names(checked), 200)}")
            )
        else:
            self.message.update("")
        self.header.update(Content(title))

    def _show_help(self) -> None:
        row = self.form.row(self._field)
        self.help_text.update(field_help(self._field, row.problem, self.form.typed()))

    def _say_wrong(self, sentence: str) -> None:
        self.message.update(Content.styled(f" ✗ {printable(sentence)}", "$tone-bad"))

    def _keep_draft(self) -> None:
        self._draft.texts.clear()
        self._draft.texts.update(self.form.typed())

    @work(group="ready")
    async def _get_ready(self) -> None:
        self._dataset = self.form.parameters()["dataset"]
        data_dir = str(self._data_dir)
        try:
            await self.services.sender.request(Warm, dataset=self._dataset, data_dir=data_dir)
            self._slots = (await self.services.sender.request(Status))["slots"]
        except (Refused, Unreachable):
            return  # the first start takes a little longer, nothing else
        self._check.default_threads = default_threads(self._slots)
        self._check_now()

    @work(exclusive=True, group="estimate")
    async def _estimate(self, checked: Checked) -> None:
        await asyncio.sleep(ESTIMATE_DELAY_S)
        first = checked.resolved[0]
        try:
            summary = await self.services.sender.request(
                Summarize,
                parameters=to_plain(first),
                data_dir=str(self._data_dir),
                environment=self._environment,
            )
        except (Refused, Unreachable) as error:
            self.estimate_text.update(Content(printable(error)))
            return
        known = await estimate(
            checked.resolved,
            summary,
            self._check.sizes(first.dataset),
            list(self.board.records.values()),
            slots=self._slots,
            home=self.services.home.path,
        )
        self.estimate_text.update(estimate_text(known))
        self.layers_text.update(layers_text(summary))

    def _start(self, checked: Checked) -> None:
        self._is_busy = True
        self.message.update(Content.styled(" starting…", "$tone-busy"))
        self._keep_draft()
        is_held = self.form.typed()[HOLD] == "yes"
        # A worker of the app: leaving the form must not interrupt a sweep.
        self.app.run_worker(self._make(checked, is_held=is_held), group="start")

    async def _make(self, checked: Checked, *, is_held: bool) -> None:
        options = CreateOptions(self._data_dir, is_held=is_held, environment=self._environment)
        created: list[SessionRecord] = []
        error: Exception | None = None
        try:
            creator = SessionCreator(self.services.sender.request, options)
            await creator.create_all(checked.plans, created.append)
        except (Refused, Unreachable, PartialCreateError) as refusal:
            error = refusal
        self._is_busy = False
        if created:
            self._on_created(self._draft, created)
        if error is None:
            self.leave()
        elif self in self.app.screen_stack:
            self._refuse(str(error), dict(getattr(error, "problems", [])))
        else:
            self.app.notify(str(error), severity="warning")

    def _refuse(self, sentence: str, problems: dict[str, str]) -> None:
        self._refused = problems
        self._check_now()
        self._say_wrong(sentence)
        first = next((name for name in self.form.rows if name in problems), None)
        if first is not None:
            self.form.focus_field(first)


def _alternatives_note(name: str, text: str) -> str:
    try:
        count = len(alternatives(name, text))
    except ValueError:
        return ""
    return formatting.count_of(count, "value") if count > 1 else ""


def _names(checked: Checked) -> str:
    return ", ".join(each.name for each in checked.plans)
