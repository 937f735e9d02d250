"""Records for tests of what is shown."""

from __future__ import annotations

from typing import Any

from mnist_tui.storage.records import Position, Progress, SessionRecord, SessionState
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from tests.sizes import even_sizes

HOSTILE_TEXTS = (
    "\x1b]52;c;cm0gLXJmIC8=\x07",  # OSC 52: writes the clipboard
    "\x1b]0;title\x1b\\",
    "\x1b[2J\x1b[1;1H",
    "\x9b31m",  # C1 control sequence introducer
    "abc\rdef\x08\x08",
    "line\u2028line\u2029line\x85line",
    "\u202egnp.exe",  # right-to-left override
    "zero\u200bwidth\u200djoiner\ufeff",
    "\ud800surrogate",
    "\ue000private",
    "tag\U000e0041s",
)
"""Everything a terminal might act on."""

MARKUP_TEXTS = ("[/bad]", "[bold red]x[/]", "[link=http://x]y[/link]", "[@click=app.quit]z[/]")


def make_record(
    session_id: int,
    state: SessionState = SessionState.RUNNING,
    *,
    name: str = "baseline",
    step: int = 34,
    epochs: int = 10,
    cause: str | None = None,
    is_held: bool = False,
    **progress: Any,
) -> SessionRecord:
    """Return a record of a cnn on digits with 10 steps per epoch."""
    parameters = resolve({"epochs": epochs}, sizes=even_sizes({"digits": 1_500}), default_threads=1)
    return SessionRecord(
        id=session_id,
        name=name,
        parameters=to_plain(parameters),
        created_at="2026-01-01T00:00:00.000Z",
        state=state,
        cause=cause,
        is_held=is_held,
        device="cpu",
        progress=Progress(position=Position(step=step), steps_per_epoch=10, **progress),
    )
