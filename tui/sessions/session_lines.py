"""Lines on one session: the header of its screen, the detail line of the table, an empty table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions import progress as figures
from mnist_tui.tui.keys.key_rules import find
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import phrase
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.styled_lines import EMPTY, fitted, joined, line_of

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.tui.text.styled_lines import Line

GAP = "  "


def header_lines(
    record: SessionRecord,
    width: int,
    *,
    banner: str = "",
    queue_place: int | None = None,
    device_use: str = "",
    exactness: str = "",
) -> list[Line]:
    """Return two lines on a session: its state, then its progress.

    The first line is cut to the width unless it says why the session is in its state: a cause is
    complete, even if it wraps and hides the second line.

    Args:
        record: The session.
        width: Cells per line.
        banner: What is wrong with the connection, empty for nothing.
        queue_place: 1 for the queued session that starts next.
        device_use: The cores and memory of its worker, in words.
        exactness: From `exact_resume_text`, empty while unknown.
    """
    look = formatting.state_look(record)
    cause = _cause(record, look.word, queue_place)
    first = line_of(
        (f" #{record.id} {printable(record.name)}", "bold"), GAP,
        (f"{look.glyph} {look.word}", look.tone),
        f"{GAP}{printable(cause or formatting.summary(record))}",
        (f"{GAP}{banner}" if banner else "", "bold waiting"),
    )  # fmt: skip
    facts, shown = _facts(record, device_use, exactness), ""
    for fact in facts:
        longer = f"{shown}{GAP}{fact}" if shown else fact
        if len(longer) > width - 2:
            break
        shown = longer
    return [first if cause else fitted(first, width), line_of(f" {shown}")]


def detail_line(
    record: SessionRecord,
    *,
    modes: str = "",
    queue_place: int | None = None,
    device_use: str = "",
) -> Line:
    """Return one line on the selected session, the most important facts first.

    Args:
        record: The selected session.
        modes: From `modes_text`.
        queue_place: 1 for the queued session that starts next.
        device_use: The cores and memory of its worker, in words.
    """
    look = formatting.state_look(record)
    cause = _cause(record, look.word, queue_place)
    tags = " ".join(f"+{printable(tag)}" for tag in record.tags)
    parts = [
        line_of((f"{look.word}: {printable(cause)}", look.tone))
        if cause
        else line_of(printable(formatting.summary(record))),
        # What the user wrote comes before measurements: 80 columns do not hold everything.
        line_of((tags, "accent")),
        line_of(device_use),
        line_of((printable(record.note, 200), "muted")),
    ]
    name = line_of(
        (f" {modes} " if modes else "", "accent reverse"),
        (f" #{record.id} {printable(record.name)}  ", "bold"),
    )
    return (*name, *joined(parts, GAP))


def modes_text(*, filter_text: str, num_listed: int, num_marked: int, follows_newest: bool) -> str:
    """Return the settings of the table in a few words, empty for the defaults."""
    words = []
    if filter_text:
        words.append(f"/{printable(filter_text, 40)}: {num_listed:,}")
    if num_marked:
        words.append(f"{num_marked} marked")
    if follows_newest:
        words.append("following")
    return " · ".join(words)


def empty_table_lines(place: str, filter_text: str) -> list[Line]:
    """Return the text of an empty table: the first steps, or the filter that matches nothing.

    Args:
        place: The home, as the user knows it.
        filter_text: The filter, empty for none.
    """
    if filter_text:
        keys = {"clear": "show all sessions again", "filter": "change the filter"}
        first = line_of("No session matches ", (f"/{printable(filter_text, 60)}", "bold"), ".")
        return [first, EMPTY, *_key_lines(keys)]
    keys = {
        "new": "make one: choose a dataset and a model, ctrl+r starts it",
        "help": "every key",
        "leave": "leave; what trains goes on training",
    }
    return [
        line_of("No sessions yet in ", (place, "bold"), "."), EMPTY, *_key_lines(keys), EMPTY,
        line_of("Other sessions? They may lie in another home: mnist-tui --home DIR"),
    ]  # fmt: skip


def exact_resume_text(record: SessionRecord) -> str:
    """Return True if a session would resume bit for bit on this machine, in a few words.

    Empty before it has run. Reads the checksums of the dataset.
    """
    if not record.fingerprint:
        return ""
    from mnist_tui.training.parameters.exactness import exact_resume  # noqa: PLC0415 — 10 ms that the first frame saves
    from mnist_tui.training.parameters.expected_fingerprint import present_fingerprint  # noqa: PLC0415 — the same

    is_exact, reason = exact_resume(record.fingerprint, present_fingerprint(record))
    return "resumes exactly" if is_exact else f"resumes, not bit for bit: {reason}"


def _cause(record: SessionRecord, word: str, queue_place: int | None) -> str:
    """Return why a session is in its state, empty if the word for the state says it all."""
    cause = figures.waiting_for(record, queue_place)
    return cause if cause and cause != word else ""


def _facts(record: SessionRecord, device_use: str, exactness: str) -> list[str]:
    """Return the facts of the header's second line, the most important first."""
    progress = record.progress
    facts = [f"{formatting.bar(figures.progress(record), 16)}  epoch {formatting.epochs(record)}"]
    if record.state is SessionState.RUNNING:
        # Before the speed is measured, the time left would be a guess.
        left = formatting.duration(progress.eta_s) if progress.eta_s is not None else "soon known"
        facts.append(f"ETA {left}")
        if progress.images_per_s is not None:
            facts.append(f"{formatting.rate(progress.images_per_s)} images/s")
            facts.append(f"{formatting.rate(figures.batches_per_s(record))} batches/s")
    facts.append(f"batch {formatting.batch(record)}")
    if progress.test_accuracy is not None:
        facts.append(phrase("test_accuracy", progress.test_accuracy, "test"))
    others = (record.device or "", device_use, exactness)
    return [*facts, *(printable(other) for other in others if other)]


def _key_lines(actions: dict[str, str]) -> list[Line]:
    """Return a line per action: its key and its effect."""
    return [
        line_of((find(action).key, "bold accent"), f"  {effect}")
        for action, effect in actions.items()
    ]
