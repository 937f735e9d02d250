"""The line under the table: what the selected session is, does and waits for, and what is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.training.sessions import progress
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


def detail_line(
    record: SessionRecord,
    *,
    modes: str = "",
    queue_place: int | None = None,
    device_use: str = "",
) -> Content:
    """Return one line on a session, what is most worth knowing first.

    Args:
        record: The selected session.
        modes: What the table is set to, such as a filter and how many are marked.
        queue_place: 1 for the queued session that starts next.
        device_use: What its worker takes of the machine.
    """
    look = formatting.state_look(record)
    said = _said(record, look.word, queue_place)
    labels = " ".join(f"+{printable(tag)}" for tag in record.tags)
    parts = [
        Content.styled(said, f"$tone-{look.tone}")
        if said
        else Content(printable(formatting.summary(record))),
        # What a person gave comes first: 80 columns do not hold everything.
        Content.styled(labels, "$accent"),
        Content(device_use),
        Content.styled(printable(record.note, 200), "$text-muted"),
    ]  # fmt: skip
    return Content.assemble(
        (f" {modes} " if modes else "", "$accent reverse" if modes else ""),
        (f" #{record.id} {printable(record.name)}  ", "bold"),
        Content("  ").join([part for part in parts if part.plain]),
    )


def _said(record: SessionRecord, word: str, queue_place: int | None) -> str:
    cause = progress.waiting_for(record, queue_place)
    return f"{word}: {printable(cause)}" if cause and cause != word else ""


def modes_line(*, filter_text: str, num_listed: int, num_marked: int, follows_newest: bool) -> str:
    """Return what is set, in a few words; empty where the table is as it comes."""
    words = []
    if filter_text:
        words.append(f"/{printable(filter_text, 40)}: {num_listed:,}")
    if num_marked:
        words.append(f"{num_marked} marked")
    if follows_newest:
        words.append("following")
    return " · ".join(words)


def teaching(place: str, filter_text: str) -> Content:
    """Return what an empty table says: how to begin, or why nothing matches."""
    if filter_text:
        return Content.assemble(
            "No session matches ", (f"/{printable(filter_text, 60)}", "bold"), ".\n\n",
            (find("clear").key, "bold $accent"), "  show all sessions again\n",
            (find("filter").key, "bold $accent"), "  change the filter",
        )  # fmt: skip
    return Content.assemble(
        "No sessions yet in ", (place, "bold"), ".\n\n",
        (find("new").key, "bold $accent"),
        "  make one: choose a dataset and a model, ctrl+r starts it\n",
        (find("help").key, "bold $accent"), "  every key\n",
        (find("leave").key, "bold $accent"), "  leave; what trains goes on training\n\n",
        "Other sessions? They may lie in another home: mnist-tui --home DIR",
    )  # fmt: skip
