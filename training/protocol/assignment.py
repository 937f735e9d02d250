"""What a worker or a task is told when it starts; plain types that travel to any process."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

HOOK_NAMES = (
    "mnist_tui.training.engine.answer_recorder:AnswerRecorder",
    "mnist_tui.training.diagnostics.profile_recorder:ProfileRecorder",
)
"""What attaches to the training of a session: callables that take its `TrainingLoop`.

Named, so that a worker imports no optional subsystem unless it is listed here.
"""


class WorkerAssignment(Struct, frozen=True, kw_only=True):
    """One session to train."""

    home: str
    session_id: int
    generation: int
    data_dir: str
    parameters: dict[str, Any]
    environment: dict[str, str]
    device: str | None
    """The device of an earlier start, which is kept; None on the first."""


class TaskAssignment(Struct, frozen=True, kw_only=True):
    """One short piece of work that needs torch."""

    kind: str
    """One of those in `training.worker.task_process.TASKS`."""
    log: str
    """File for everything it prints."""
    arguments: dict[str, Any]
