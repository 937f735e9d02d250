"""How figures and states look: fixed widths, so that nothing jitters; glyph, word and colour."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions import progress as figures
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord

ABSENT = "–"
BAR_FULL, BAR_EMPTY = "█", "·"
_BAR_PARTS = " ▏▎▍▌▋▊▉"


class StateLook(NamedTuple):
    """How a state is shown: never by colour alone."""

    glyph: str
    word: str
    tone: str
    """busy, good, waiting, quiet or bad; the theme gives each a colour."""


STATE_LOOKS: dict[S, StateLook] = {
    S.QUEUED: StateLook("…", "queued", "quiet"),
    S.STARTING: StateLook("▷", "starting", "busy"),
    S.RUNNING: StateLook("▶", "running", "busy"),
    S.PAUSING: StateLook("‖", "pausing", "waiting"),
    S.PAUSED: StateLook("‖", "paused", "waiting"),
    S.STOPPING: StateLook("□", "stopping", "waiting"),
    S.KILLING: StateLook("×", "killing", "bad"),
    S.STOPPED: StateLook("■", "stopped", "quiet"),
    S.KILLED: StateLook("×", "killed", "bad"),
    S.FAILED: StateLook("✗", "failed", "bad"),
    S.FINISHED: StateLook("✓", "finished", "good"),
    S.INTERRUPTED: StateLook("!", "interrupted", "waiting"),
}

TONES = ("busy", "good", "waiting", "quiet", "bad")


def state_look(record: SessionRecord) -> StateLook:
    """Return how the state of `record` is shown; a held session says so."""
    if record.state is S.QUEUED and record.is_held:
        return StateLook("○", "held", "quiet")
    return STATE_LOOKS[record.state]


def loss(value: float | None) -> str:
    """Return a loss in at most seven characters."""
    if value is None:
        return ABSENT
    if value < 10:
        return f"{value:.4f}"
    return f"{value:.2f}" if value < 10_000 else f"{value:.1e}"


def percent(fraction: float | None) -> str:
    """Return a fraction in 0..1 as per cent without the sign, in at most five characters."""
    if fraction is None or math.isnan(fraction):
        return ABSENT
    # Rounding up would call a model perfect that is not.
    shown = math.floor(fraction * 10_000) / 100 if fraction < 1 else 100.0
    return f"{shown:.2f}" if shown < 100 else "100.0"


def whole_percent(fraction: float) -> str:
    """Return a fraction in 0..1 as whole per cent without the sign."""
    # Rounding up would call certain what is not.
    return f"{math.floor(100 * fraction)}" if math.isfinite(fraction) else ABSENT


def area(value: float | None) -> str:
    """Return an area under a ROC curve, 0..1, in six characters; 1 is said of a whole 1 alone."""
    return ABSENT if value is None else f"{math.floor(value * 10_000) / 10_000:.4f}"


def rate(per_second: float | None) -> str:
    """Return images per second."""
    return ABSENT if per_second is None else f"{per_second:,.0f}"


def duration(seconds: float | None) -> str:
    """Return a duration in at most six characters, such as 42s, 2m10, 3h05m or 12d04h."""
    if seconds is None or not math.isfinite(seconds):
        return ABSENT
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3_600:
        return f"{whole // 60}m{whole % 60:02d}"
    if whole < 100 * 3_600:
        return f"{whole // 3_600}h{whole % 3_600 // 60:02d}m"
    days, rest = divmod(whole, 86_400)
    return f"{days}d{rest // 3_600:02d}h" if days < 100 else f"{days}d"


def num_bytes(count: int) -> str:
    """Return a size in at most eight characters."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun, such as 1 session or 3 sessions."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def epochs(record: SessionRecord, width: int | None = None) -> str:
    """Return the epochs done of those planned, such as 3.4/10.

    Args:
        record: The session.
        width: Characters there are; with fewer than it takes, the number is less exact, as in
            340/1000 or 21/100k, but never cut. At least eight; None for as many as it takes.
    """
    planned = record.parameters["epochs"]
    done = figures.epochs_done(record) or 0.0
    is_whole = done >= planned or done == 0
    exact = f"{done:.0f}/{planned}" if is_whole else f"{math.floor(done * 10) / 10:.1f}/{planned}"
    if width is None or len(exact) <= width:
        return exact
    whole = f"{math.floor(done)}/{planned}"
    return whole if len(whole) <= width else f"{_thousands(done)}/{_thousands(planned)}"


def _thousands(count: float) -> str:
    """Return a count rounded down, in at most three digits and, from 1,000 on, a k."""
    return f"{math.floor(count / 1_000)}k" if count >= 1_000 else f"{math.floor(count)}"


def batch(record: SessionRecord) -> str:
    """Return the batch within the epoch, such as 412/860."""
    per_epoch = record.progress.steps_per_epoch
    if not per_epoch:
        return ABSENT
    step = record.progress.position.step
    within = step % per_epoch or (per_epoch if step else 0)
    return f"{within}/{per_epoch}"


def bar(fraction: float, width: int) -> str:
    """Return a progress bar of `width` characters for a fraction in 0..1."""
    # In this order what is no number is nothing.
    eighths = int(max(0.0, min(fraction, 1.0)) * width * 8)
    full, part = divmod(eighths, 8)
    drawn = BAR_FULL * full + (_BAR_PARTS[part] if part else "")
    return drawn + BAR_EMPTY * (width - len(drawn))


def summary(record: SessionRecord) -> str:
    """Return what a session trains, in a few words."""
    parameters = record.parameters
    return (
        f"{parameters['model']} on {parameters['dataset']}, {parameters['optimizer']}"
        f" {parameters['learning_rate']:g}, batch {parameters['batch_size']},"
        f" seed {parameters['seed']}"
    )


def made(records: Sequence[SessionRecord]) -> str:
    """Return what is said once sessions were made; at least one was."""
    if len(records) == 1:
        return f"#{records[0].id} {records[0].name} is {state_look(records[0]).word}."
    return f"{len(records)} sessions were made, #{records[0].id} to #{records[-1].id}."


def short_path(path: Path) -> str:
    """Return a path that is safe to show, with the user's home folder as ~."""
    text, own = os.fspath(path), os.path.expanduser("~")  # noqa: PTH111 — compared as text
    return printable(
        "~" + text[len(own) :] if text == own or text.startswith(own + "/") else text, 60
    )
