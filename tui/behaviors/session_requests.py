"""Actions that change sessions: training state, labels, queue; for all marked ones together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import RULES
from mnist_tui.tui.keys.key_rules import able_for, find, why_not
from mnist_tui.tui.modals.confirm import Confirm, Confirmation
from mnist_tui.tui.state.messages import (
    ChangeRequested,
    FormRequested,
    LabelRequested,
    MoveRequested,
    SnapshotRequested,
)
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.text_prompt import PromptOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.behaviors.base_screen import BaseScreen

NAMED_AT_MOST = 6
"""Sessions that a confirmation lists by number."""


class SessionRequests:
    """Requests to the supervisor, posted as messages once the user has answered what they need."""

    def __init__(self, screen: BaseScreen) -> None:
        self._screen = screen

    def action_ask(self, name: str) -> None:
        """Request the state change of action `name`, or notify why it does not apply."""
        self._screen.app.clear_notifications()
        action, targets = find(name), self._screen.targets()
        trigger, able = able_for(action, targets)
        if not able or trigger is None:
            self._screen.notify(
                why_not(action, targets[0] if targets else None) or "", markup=False
            )
            return
        question = confirmation_of(able, len(targets) - len(able), trigger)
        session_ids = tuple(record.id for record in able)
        if question is None:
            self._screen.post_message(ChangeRequested(session_ids, trigger))
        else:
            # The answer is for these sessions, wherever the cursor is by then.
            self._screen.app.push_screen(
                Confirm(question), partial(self._answered, session_ids, trigger)
            )

    def action_clone(self) -> None:
        """Open the form with the parameters of the session."""
        if record := self._screen.able("clone"):
            self._screen.post_message(FormRequested(record))

    def action_move_in_queue(self, places: int) -> None:
        """Move a queued session."""
        if record := self._screen.able(f"move_in_queue({places})"):
            self._screen.post_message(MoveRequested(record.id, places))

    def action_rename(self) -> None:
        """Ask for a new name."""
        if record := self._screen.able("rename"):
            self._prompt_label(record, "name", record.name, "64 characters at most")

    def action_note(self) -> None:
        """Ask for a note."""
        if record := self._screen.able("note"):
            self._prompt_label(record, "note", record.note, "empty takes it away")

    def action_tag(self) -> None:
        """Ask for the tags of all targets."""
        if not self._screen.able("tag"):
            return
        targets = self._screen.targets()
        common = [tag for tag in targets[0].tags if all(tag in each.tags for each in targets)]

        def submit(text: str) -> None:
            for target in targets:
                # Another client may have tagged it meanwhile.
                record = self._screen.board.records.get(target.id, target)
                own = [tag for tag in record.tags if tag not in common]
                tags = tuple(dict.fromkeys([*own, *typed_tags(text, common)]))
                self._screen.post_message(LabelRequested((record.id,), {"tags": tags}))

        self._screen.prompt(
            PromptOptions(f"tags of {_named(targets)}:", submit, " ".join(common), "with spaces")
        )

    def action_pin(self) -> None:
        """Pin all targets, or unpin them if all are pinned."""
        if self._screen.able("pin"):
            targets = self._screen.targets()
            is_pinned = not all(record.is_pinned for record in targets)
            ids = tuple(record.id for record in targets)
            self._screen.post_message(LabelRequested(ids, {"is_pinned": is_pinned}))

    def action_snapshot(self) -> None:
        """Ask for the name of a checkpoint to keep."""
        record = self._screen.able("snapshot")
        if record is None:
            return

        def submit(name: str) -> str | None:
            problem = label_problem(name)
            if problem is None:
                self._screen.post_message(SnapshotRequested(record.id, name))
            return problem

        self._screen.prompt(
            PromptOptions(f"keep a checkpoint of #{record.id} as:", submit, hint="never pruned")
        )

    def _prompt_label(self, record: SessionRecord, label: str, value: str, hint: str) -> None:
        def submit(text: str) -> str | None:
            problem = label_problem(text) if label == "name" else None
            if problem is None and text != value:
                self._screen.post_message(LabelRequested((record.id,), {label: text}))
            return problem

        self._screen.prompt(PromptOptions(f"{label} of #{record.id}:", submit, value, hint))

    def _answered(
        self, session_ids: tuple[int, ...], trigger: Trigger, is_yes: bool | None
    ) -> None:
        if is_yes:
            self._screen.post_message(ChangeRequested(session_ids, trigger))


def typed_tags(text: str, known: Sequence[str]) -> list[str]:
    """Return the tags in `text`, separated by blanks; tags of `known` may contain blanks."""
    with_blanks = [tag for tag in known if " " in tag and tag in text]
    for tag in sorted(with_blanks, key=len, reverse=True):
        text = text.replace(tag, " ")
    # On the command line +TAG adds TAG.
    return [*with_blanks, *(tag.removeprefix("+") for tag in text.split() if tag != "+")]


def label_problem(text: str) -> str | None:
    """Return the problem with a name, or None if it is valid."""
    try:
        check_label(text)
    except ValueError as error:
        return str(error)
    return None


def confirmation_of(
    records: Sequence[SessionRecord], num_unable: int, trigger: Trigger
) -> Confirmation | None:
    """Return the confirmation that a change needs first, or None if nothing can be lost."""
    is_one = len(records) == 1
    who = f"#{records[0].id} {printable(records[0].name, 40)}" if is_one else _named(records)
    others = f" {count_of(num_unable, 'other')} cannot be {RULES[trigger].done} now."
    rest = others if num_unable else ""
    match trigger:
        case Trigger.KILL:
            loss = "It ends at once. What was trained since its last checkpoint is lost;"
            if not is_one:
                loss = "They end at once. What was trained since their last checkpoints is lost;"
            return Confirmation(f"Kill {who}?", f"{loss} p resumes from there.{rest}", "kill")
        case Trigger.REMOVE:
            text = f"Its files stay in the trash until that is emptied.{rest}"
            return Confirmation(f"Move {who} to the trash?", text, "to the trash")
        case Trigger.STOP if not is_one:
            text = f"Each finishes its batch, saves and frees its device; p resumes.{rest}"
            return Confirmation(f"Stop {who}?", text, "stop")
    return None


def _named(records: Sequence[SessionRecord]) -> str:
    ids = ", ".join(f"#{record.id}" for record in records[:NAMED_AT_MOST])
    more = ", …" if len(records) > NAMED_AT_MOST else ""
    return ids if len(records) == 1 else f"{len(records)} sessions ({ids}{more})"
