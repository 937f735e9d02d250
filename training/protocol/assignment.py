"""Assignments: what a worker or a task is started with; plain types that travel to any machine."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

HOOK_NAMES = (
    "mnist_tui.training.evaluation.answer_recorder:AnswerRecorder",
    "mnist_tui.training.benchmark.profile_recorder:ProfileRecorder",
)
"""Hooks that attach to the training of a session: callables that take its `TrainingLoop`.

Named, so that a worker imports no optional subsystem unless it is listed here.
"""


class WorkerAssignment(Struct, frozen=True, kw_only=True):
    """One session to train."""

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
    """A key of `training.protocol.requests.TASKS`."""
    arguments: dict[str, Any]
