"""Progress figures of a record, shared by the screens and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions.queue import ordinal
from mnist_tui.training.sessions.rules import WAITS_FOR_SLOT

if TYPE_CHECKING:
    from mnist_tui.storage.records import SessionRecord


def epochs_done(record: SessionRecord) -> float | None:
    """Return the epochs trained, fractional; None before the worker has seen the data."""
    per_epoch = record.progress.steps_per_epoch
    return record.progress.position.step / per_epoch if per_epoch else None


def total_steps(record: SessionRecord) -> int | None:
    """Return the optimiser steps of the whole training."""
    per_epoch = record.progress.steps_per_epoch
    return per_epoch * int(record.parameters["epochs"]) if per_epoch else None


def progress(record: SessionRecord) -> float:
    """Return the completed share of all steps, 0..1."""
    total = total_steps(record)
    return min(1.0, record.progress.position.step / total) if total else 0.0


def batches_per_s(record: SessionRecord) -> float | None:
    """Return the optimiser steps per second over the last seconds of work, if measured."""
    rate = record.progress.images_per_s
    return None if rate is None else rate / int(record.parameters["batch_size"])


def waiting_for(record: SessionRecord, place: int | None = None) -> str | None:
    """Return the reason for a session's state, in words.

    Args:
        record: The session.
        place: Its place in the queue, from `sessions.queue.queue_places`; None leaves it out.
    """
    if record.state is SessionState.QUEUED and record.is_held:
        return f"held: {record.cause}" if record.cause else "held"
    if record.state is SessionState.QUEUED and place is not None:
        return f"{record.cause or WAITS_FOR_SLOT}, {ordinal(place)} in the queue"
    return record.cause


def summary_row(record: SessionRecord) -> dict[str, Any]:
    """Return the row of `ls --json`: plain types, absent values None."""
    figures = record.progress
    is_running = record.state is SessionState.RUNNING
    return {
        "id": record.id,
        "name": record.name,
        "state": record.state.value,
        "cause": waiting_for(record),
        "model": record.parameters["model"],
        "dataset": record.parameters["dataset"],
        "epoch": epochs_done(record) or 0.0,
        "epochs": record.parameters["epochs"],
        "step": figures.position.step,
        "steps": total_steps(record),
        "progress": progress(record),
        "train_loss": figures.train_loss,
        "train_accuracy": figures.train_accuracy,
        "val_loss": figures.val_loss,
        "val_accuracy": figures.val_accuracy,
        "test_loss": figures.test_loss,
        "test_accuracy": figures.test_accuracy,
        "ece": record.ece,
        "outlier_auroc": record.outlier_auroc,
        "images_per_s": figures.images_per_s if is_running else None,
        "eta_s": figures.eta_s if is_running else None,
        "device": record.device,
        "tags": list(record.tags),
        "note": record.note,
        "pinned": record.is_pinned,
        "created_at": record.created_at,
    }
