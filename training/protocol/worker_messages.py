"""Messages between the supervisor and its workers and tasks; lines as in the client protocol.

Commands are imperative, reports are past tense.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mnist_tui.storage.records import CheckpointInfo, Progress
from mnist_tui.training.sessions.lifecycle import Trigger

# Supervisor → worker


class WorkerCommand(Struct, frozen=True, kw_only=True, tag="command"):
    """Pause, resume, stop, snapshot or profile; the number ties the receipts to the request."""

    number: int
    action: Trigger
    name: str = ""
    """Name of a snapshot."""
    num_batches: int = 0
    """Training steps that a profile measures."""
    is_traced: bool = False
    """True for a profile with a trace."""


# Worker or task → supervisor


class Ready(Struct, frozen=True, kw_only=True, tag="ready"):
    """The worker has loaded everything and trains its first batch next."""

    device: str
    num_parameters: int
    fingerprint: dict[str, Any]
    progress: Progress
    notice: str | None = None
    """A notice for the user, such as about a damaged checkpoint that was skipped."""


class Seen(Struct, frozen=True, kw_only=True, tag="seen"):
    """The worker took a command between two batches."""

    number: int
    step: int
    time: str
    """By the worker's clock, RFC 3339."""


class Done(Struct, frozen=True, kw_only=True, tag="done"):
    """The worker carried a command out: it is paused, resumed, has saved, or leaves."""

    number: int
    action: Trigger
    step: int
    time: str
    """By the worker's clock, RFC 3339."""


class NotDone(Struct, frozen=True, kw_only=True, tag="not_done"):
    """The worker could not carry a command out and goes on as before."""

    number: int
    action: Trigger
    step: int
    reason: str
    """Half a sentence."""
    time: str
    """By the worker's clock, RFC 3339."""


class Paused(Struct, frozen=True, kw_only=True, tag="paused"):
    """The worker paused by itself; it waits for resume or stop."""

    step: int
    reason: str
    """A sentence: what happened, what is safe, what to do."""


class Progressed(Struct, frozen=True, kw_only=True, tag="progressed"):
    """The newest figures."""

    progress: Progress


class CheckpointSaved(Struct, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """A checkpoint is durable."""

    info: CheckpointInfo


class Evaluated(Struct, frozen=True, kw_only=True, tag="evaluated"):
    """The test set is scored with the last weights, and the answers are stored."""

    ece: float | None


BUSY = "busy"
"""The outcome of a worker that found another one in its place."""


class Ended(Struct, frozen=True, kw_only=True, tag="ended"):
    """The last message of a worker or task before it exits."""

    outcome: str
    """finished, stopped, orphaned, failed, or busy (another worker still holds the session)."""
    message: str | None = None
    result: Any = None
    """Result of a task."""


class TaskTold(Struct, frozen=True, kw_only=True, tag="task_told"):
    """The progress of a task, in words."""

    text: str


Report = (
    Ready
    | Seen
    | Done
    | NotDone
    | Paused
    | Progressed
    | CheckpointSaved
    | Evaluated
    | Ended
    | TaskTold
)
