"""Keys that ask something of sessions: training, labels, the queue; of all that are marked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mnist_tui.training.parameters.labels import check_label
from mnist_tui.training.sessions.lifecycle import Trigger
from mnist_tui.training.sessions.rules import RULES
from mnist_tui.tui.keys.key_rules import able_for, find, why_not
from mnist_tui.tui.screens.base import BoardScreen
from mnist_tui.tui.screens.confirm import Confirm, Confirmation
from mnist_tui.tui.state.messages import (
    ChangeRequested,
    FormRequested,
    LabelRequested,
    MoveRequested,
    SnapshotRequested,
)
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.ask_line import LineQuestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord

NAMED_AT_MOST = 6
"""Sessions that a question names one by one."""


class AskingScreen(BoardScreen):
    """A screen whose keys act on the selected session, or on all that are marked."""

    def reported(self) -> list[SessionRecord]:
        """Return the sessions that keys act on."""
        return self.targets()

    def action_ask(self, name: str) -> None:
        """Ask the supervisor for what action `name` means, or say why not."""
        self.app.clear_notifications()
        action, targets = find(name), self.targets()
        trigger, able = able_for(action, targets)
        if not able or trigger is None:
            self.notify(why_not(action, targets[0] if targets else None) or "", markup=False)
            return
        question = question_of(able, len(targets) - len(able), trigger)
        session_ids = tuple(record.id for record in able)
        if question is None:
            self.post_message(ChangeRequested(session_ids, trigger))
        else:
            # The answer is for these sessions, wherever the cursor is by then.
            self.app.push_screen(Confirm(question), partial(self._answered, session_ids, trigger))

    def action_clone(self) -> None:
        """Open the form with the parameters of the session."""
        if record := self._able("clone"):
            self.post_message(FormRequested(record))

    def action_move_in_queue(self, places: int) -> None:
        """Move a queued session."""
        if record := self._able(f"move_in_queue({places})"):
            self.post_message(MoveRequested(record.id, places))

    def action_rename(self) -> None:
        """Ask for a new name."""
        if record := self._able("rename"):
            self._ask_label(record, "name", record.name, "64 characters at most")

    def action_note(self) -> None:
        """Ask for a note."""
        if record := self._able("note"):
            self._ask_label(record, "note", record.note, "empty takes it away")

    def action_tag(self) -> None:
        """Ask for the tags of all targets."""
        if not self._able("tag"):
            return
        targets = self.targets()
        common = [tag for tag in targets[0].tags if all(tag in each.tags for each in targets)]

        def submit(text: str) -> None:
            for asked in targets:
                # Somebody else may have tagged it while this was typed.
                record = self.board.records.get(asked.id, asked)
                own = [tag for tag in record.tags if tag not in common]
                tags = tuple(dict.fromkeys([*own, *typed_tags(text, common)]))
                self.post_message(LabelRequested((record.id,), {"tags": tags}))

        self.ask_for(
            LineQuestion(f"tags of {_named(targets)}:", submit, " ".join(common), "with spaces")
        )

    def action_pin(self) -> None:
        """Pin all targets, or unpin them where all are pinned."""
        if self._able("pin"):
            targets = self.targets()
            is_pinned = not all(record.is_pinned for record in targets)
            ids = tuple(record.id for record in targets)
            self.post_message(LabelRequested(ids, {"is_pinned": is_pinned}))

    def action_snapshot(self) -> None:
        """Ask for the name of a checkpoint to keep."""
        record = self._able("snapshot")
        if record is None:
            return

        def submit(name: str) -> str | None:
            problem = label_problem(name)
            if problem is None:
                self.post_message(SnapshotRequested(record.id, name))
            return problem

        self.ask_for(
            LineQuestion(f"keep a checkpoint of #{record.id} as:", submit, hint="never pruned")
        )

    def _ask_label(self, record: SessionRecord, label: str, value: str, hint: str) -> None:
        def submit(text: str) -> str | None:
            problem = label_problem(text) if label == "name" else None
            if problem is None and text != value:
                self.post_message(LabelRequested((record.id,), {label: text}))
            return problem

        self.ask_for(LineQuestion(f"{label} of #{record.id}:", submit, value, hint))

    def _answered(
        self, session_ids: tuple[int, ...], trigger: Trigger, is_yes: bool | None
    ) -> None:
        if is_yes:
            self.post_message(ChangeRequested(session_ids, trigger))


def typed_tags(text: str, known: Sequence[str]) -> list[str]:
    """Return the tags in `text`, with blanks between; one of `known` may have blanks in it."""
    with_blanks = [tag for tag in known if " " in tag and tag in text]
    for tag in sorted(with_blanks, key=len, reverse=True):
        text = text.replace(tag, " ")
    # On the command line +TAG adds TAG.
    return [*with_blanks, *(tag.removeprefix("+") for tag in text.split() if tag != "+")]


def label_problem(text: str) -> str | None:
    """Return what is wrong with a name, where it is typed; None for nothing."""
    try:
        check_label(text)
    except ValueError as error:
        return str(error)
    return None


def question_of(
    records: Sequence[SessionRecord], num_unable: int, trigger: Trigger
) -> Confirmation | None:
    """Return what must be confirmed first; None where nothing can be lost."""
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
