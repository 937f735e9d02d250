"""Texts of figures and states: fixed widths, so that nothing jitters; glyph, word and colour."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, NamedTuple

from mnist_tui.storage.records import SessionState as S
from mnist_tui.training.sessions import progress as figures
from mnist_tui.training.sessions.percent import ABSENT as ABSENT
from mnist_tui.training.sessions.percent import floor_of
from mnist_tui.training.sessions.percent import percent as percent
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.records import SessionRecord

MIB, GIB = 1024**2, 1024**3
"""Memory is counted in powers of two, as makers of GPUs do; files in powers of ten."""
BAR_FULL, BAR_EMPTY = "█", "·"
_BAR_PARTS = " ▏▎▍▌▋▊▉"


class StateLook(NamedTuple):
    """Glyph, word and tone of a state, which never differs by colour alone."""

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
    """Return the look of the state of `record`; a held session has one of its own."""
    if record.state is S.QUEUED and record.is_held:
        return StateLook("○", "held", "quiet")
    return STATE_LOOKS[record.state]


def loss(value: float | None) -> str:
    """Return a loss in at most seven characters."""
    if value is None or math.isnan(value):
        return ABSENT
    if abs(value) < 10:
        return f"{value:.4f}"
    return f"{value:.2f}" if value < 10_000 else f"{value:.1e}"


def whole_percent(fraction: float) -> str:
    """Return a fraction in 0..1 as whole per cent without the sign, rounded down."""
    if not math.isfinite(fraction):
        return ABSENT
    return "100" if fraction >= 1 else f"{min(floor_of(fraction, 100), 99)}"


def area(value: float | None) -> str:
    """Return an area under a ROC curve, 0..1, in six characters; only 1 itself is 1.0000."""
    if value is None or math.isnan(value):
        return ABSENT
    return "1.0000" if value >= 1 else f"{min(floor_of(value, 10_000), 9_999) / 10_000:.4f}"


def points(value: float) -> str:
    """Return a share or a difference of shares in per cent without the sign, such as 1.25."""
    # Python writes what rounds to nothing from below as -0.00.
    return f"{round(100 * value, 2) + 0.0:.2f}"


def rate(per_second: float | None) -> str:
    """Return a rate such as images per second; a slow one with a decimal."""
    if per_second is None or math.isnan(per_second):
        return ABSENT
    return f"{per_second:,.0f}" if per_second >= 99.95 else f"{per_second:.1f}"


def trimmed(value: float) -> str:
    """Return a number with at most two decimals and no zeros at the end, such as 2.5 or 10."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def seconds(value: float) -> str:
    """Return a measured time: decimals below a minute, such as 1.23s, else as `duration`."""
    if value >= 59.95:
        return duration(value)
    return f"{value:.1f}s" if value >= 9.995 else f"{value:.2f}s"


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


def num_bytes(count: float) -> str:
    """Return a size in at most eight characters."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def signed_bytes(count: float) -> str:
    """Return a change of memory with its sign, such as +1.2 MB."""
    return f"{'+' if count > 0 else '-'}{num_bytes(abs(count))}" if count else "0 B"


def gib(count: float) -> str:
    """Return an amount of memory in GiB without the unit, in at most four characters."""
    amount = count / GIB
    return f"{amount:.1f}" if amount < 99.95 else f"{amount:.0f}"


def total_gib(count: float) -> str:
    """Return the size of a memory in GiB without the unit: 24 for 23.99."""
    amount = count / GIB
    return f"{amount:.1f}" if amount < 9.95 and round(amount, 1) % 1 else f"{amount:.0f}"


def memory(count: float) -> str:
    """Return an amount of memory in at most eight characters, such as 412 MiB or 9.8 GiB."""
    return f"{count / MIB:.0f} MiB" if count < 1000 * MIB else f"{gib(count)} GiB"


def count_of(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, such as 1 session or 3 sessions."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {plural or noun + 's'}"


def moment(text: str) -> str:
    """Return a stored time, ISO 8601 in UTC, to the second: 2026-03-01 09:30:00."""
    return printable(text, 30)[:19].replace("T", " ")


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
    """Return a summary of what a session trains, in a few words."""
    parameters = record.parameters
    return (
        f"{parameters['model']} on {parameters['dataset']}, {parameters['optimizer']}"
        f" {parameters['learning_rate']:g}, batch {parameters['batch_size']},"
        f" seed {parameters['seed']}"
    )


def made(records: Sequence[SessionRecord]) -> str:
    """Return the message after one or more sessions were created."""
    if len(records) == 1:
        return f"#{records[0].id} {records[0].name} is {state_look(records[0]).word}."
    return f"{len(records)} sessions were made, #{records[0].id} to #{records[-1].id}."


def short_path(path: Path) -> str:
    """Return a path that is safe to show, with the user's home folder as ~."""
    text, own = os.fspath(path), os.path.expanduser("~")  # noqa: PTH111 — compared as text
    return printable(
        "~" + text[len(own) :] if text == own or text.startswith(own + "/") else text, 60
    )
