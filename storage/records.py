"""Records of a session as they are stored and sent: frozen structs of plain types.

Accuracies are fractions in 0..1, times are RFC 3339 UTC strings, absent values are None, and no
number in a record is ever NaN or infinite.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

RECORD_FORMAT = 1


class SessionState(StrEnum):
    """The only status a session has; `training.sessions.lifecycle` knows how it may change."""

    QUEUED = "queued"
    """Waits for a slot, or for `release` where the record is held."""
    STARTING = "starting"
    """A worker process is being started or is loading."""
    RUNNING = "running"
    """Batches are being trained."""
    PAUSING = "pausing"
    """Pause was asked for; the worker has not reported yet."""
    PAUSED = "paused"
    """No batch runs, a checkpoint is on disk, the process keeps its memory."""
    STOPPING = "stopping"
    """Stop was asked for; the worker saves and leaves."""
    KILLING = "killing"
    """The worker was sent SIGKILL and has not gone yet."""
    STOPPED = "stopped"
    """Ended on request with a checkpoint."""
    KILLED = "killed"
    """Ended at once on request; the last checkpoint stays."""
    FAILED = "failed"
    """Ended by an error or by a signal from elsewhere."""
    FINISHED = "finished"
    """All epochs trained and the test set scored."""
    INTERRUPTED = "interrupted"
    """The supervisor or the machine went away."""


class Position(Struct, frozen=True, kw_only=True, gc=False):
    """Position of a training: enough to determine the next unit of work."""

    step: int = 0
    """Optimiser steps done."""
    validated_epochs: int = 0
    """Epochs whose validation is complete."""
    is_tested: bool = False
    """True once the test set was scored with the last weights."""


class Progress(Struct, frozen=True, kw_only=True, gc=False):
    """The newest figures of a session, as its worker reports them."""

    position: Position = Position()
    steps_per_epoch: int | None = None
    """Optimiser steps in one epoch; None until the worker has seen the data."""
    train_loss: float | None = None
    train_accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    best_val_accuracy: float | None = None
    best_epoch: int | None = None
    """The epoch (1-based) after which the best validation accuracy was measured."""
    images_per_s: float | None = None
    eta_s: float | None = None
    """Seconds to the end; None while too little is known."""
    peak_memory_bytes: int | None = None
    """The most memory its newest worker has used; see `training.engine.memory`."""


class StudyPlace(Struct, frozen=True, kw_only=True):
    """A session's place in a study: the run that made it, and its row there."""

    run: str
    row: str


class SessionRecord(Struct, frozen=True, kw_only=True):
    """Everything the registry keeps about one session."""

    id: int
    name: str
    parameters: dict[str, Any]
    """`Hyperparameters` as plain types, frozen at submission."""
    created_at: str
    format: int = RECORD_FORMAT
    state: SessionState = SessionState.QUEUED
    cause: str | None = None
    """One sentence of why the session is in this state, if there is one."""
    is_held: bool = False
    """A queued session that waits for `release`."""
    tags: tuple[str, ...] = ()
    note: str = ""
    is_pinned: bool = False
    """Listed first, and never moved to the trash."""
    study: StudyPlace | None = None
    """The study that it is a part of; None for a session on its own."""
    queue_key: str = ""
    """Sort key that `move` gave a queued session; empty for the default place, last."""
    environment: dict[str, str] = {}
    """Variables the client sent, set in the worker before a device is touched."""
    data_dir: str = ""
    """The dataset folder, frozen at submission."""
    generation: int = 0
    """Number of workers started for this session; only the newest may write."""
    progress: Progress = Progress()
    device: str | None = None
    """The device the worker chose, kept for every later start."""
    num_parameters: int | None = None
    fingerprint: dict[str, Any] = {}
    """Versions, threads and device of the last worker, on which exact resume depends."""
    ece: float | None = None
    """Calibration error of the last weights that the test set was scored with, 0..1."""
    outlier_auroc: float | None = None
    """Of the energy score, drawn signs against the test set; of the newest outlier test."""
    queued_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    worker_pid: int | None = None
    boot_id: str = ""
    """The boot during which the session was last active or queued."""
    recoveries: tuple[str, ...] = ()
    """When the session was queued again by itself after a supervisor died."""


class MetricRow(Struct, frozen=True, kw_only=True, gc=False):
    """One line of `metrics.jsonl`."""

    step: int
    """Optimiser steps done when the row was written."""
    epoch: float
    """Epochs done, fractional."""
    split: str
    """train, val or test."""
    loss: float | None
    """Mean cross-entropy per image; None if it was not finite."""
    accuracy: float | None
    """Top-1 accuracy, 0..1."""
    mse: float | None
    """Mean squared error of softmax output against one-hot label, over images and classes."""
    learning_rate: float
    time: str
    generation: int = 0


class CheckpointInfo(Struct, frozen=True, kw_only=True):
    """The manifest beside a checkpoint file; written last, it makes the file valid."""

    file: str
    num_bytes: int
    sha256: str
    position: Position
    epoch: float
    reason: str
    """periodic, epoch, best, pause, stop, orphaned, final or snapshot."""
    is_best: bool
    generation: int
    fingerprint: dict[str, Any]
    created_at: str
    name: str = ""
    """Name given by the user; a named checkpoint is never deleted."""
    format: int = 1


def utc_now() -> str:
    """Return the time as RFC 3339 UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
