"""The head of a session's screen: what it is and does, how far, how fast, and whether exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions import progress as figures
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


def header(
    record: SessionRecord,
    width: int,
    *,
    banner: str = "",
    queue_place: int | None = None,
    device_use: str = "",
    exactness: str = "",
) -> Content:
    """Return two lines.

    The first is cut where it is too long, but for why a session is in its state: that may take the
    place of the second.

    Args:
        record: The session.
        width: Characters per line.
        banner: What is wrong with the connection; empty for nothing.
        queue_place: 1 for the queued session that starts next.
        device_use: What its worker takes of the machine.
        exactness: Whether it would resume bit for bit, in words; empty while that is not known.
    """
    look = formatting.state_look(record)
    cause = figures.waiting_for(record, queue_place)
    has_cause = bool(cause) and cause != look.word
    said = printable(cause) if cause and has_cause else formatting.summary(record)
    first = Content.assemble(
        (f" #{record.id} {printable(record.name)}", "bold"), "  ",
        (f"{look.glyph} {look.word}", f"$tone-{look.tone}"), f"  {printable(said)}",
        (f"  {banner}" if banner else "", "bold $warning"),
    )  # fmt: skip
    if not has_cause:
        first = first.truncate(width, ellipsis=True)
    return first + Content("\n ") + Content("  ".join(_fitting(_facts(
        record, device_use, exactness), width - 2)))  # fmt: skip


def _facts(record: SessionRecord, device_use: str, exactness: str) -> list[str]:
    """Return what there is to say, the most important first."""
    progress = record.progress
    facts = [
        f"{formatting.bar(figures.progress(record), 16)}  epoch {formatting.epochs(record)}",
    ]
    if record.state is SessionState.RUNNING:
        # While speed is not known yet, the time to the end would be a guess.
        left = formatting.duration(progress.eta_s) if progress.eta_s is not None else "soon known"
        facts.append(f"ETA {left}")
        if progress.images_per_s is not None:
            facts.append(f"{formatting.rate(progress.images_per_s)} images/s")
            facts.append(f"{figures.batches_per_s(record) or 0.0:.1f} batches/s")
    facts.append(f"batch {formatting.batch(record)}")
    if progress.test_accuracy is not None:
        facts.append(f"test {formatting.percent(progress.test_accuracy)} %")
    if record.device:
        facts.append(printable(record.device))
    return [*facts, *(printable(each) for each in (device_use, exactness) if each)]


def _fitting(facts: list[str], width: int) -> list[str]:
    """Return as many facts, from the first, as a line holds."""
    shown: list[str] = []
    for fact in facts:
        if len("  ".join([*shown, fact])) > width:
            break
        shown.append(fact)
    return shown
