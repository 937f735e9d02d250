"""Trainings made up of known numbers, for tests of what is worked out from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mnist_tui.storage.metrics.metric_columns import Columns
from mnist_tui.storage.records import Position, Progress, SessionRecord, SessionState
from mnist_tui.training.analysis.comparison_metrics import Measured
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.resolution import resolve
from mnist_tui.training.sessions.active_time import ActiveTime
from tests.sizes import even_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS_PER_EPOCH = 10
SECONDS_PER_EPOCH = 5.0
NAN = float("nan")


def columns(
    epochs: Sequence[float] = (),
    loss: Sequence[float] = (),
    accuracy: Sequence[float] = (),
    *,
    time: Sequence[float] = (),
    mse: Sequence[float] = (),
) -> Columns:
    """Return rows of a split: 10 steps and 5 seconds per epoch from Unix second 1000 on."""
    epoch = np.array(epochs, dtype=np.float64)
    absent = np.full(len(epoch), NAN)

    def given(values: Sequence[float]) -> Any:
        return np.array(values, dtype=np.float64) if len(values) else absent

    return Columns(
        step=np.rint(epoch * STEPS_PER_EPOCH).astype(np.int64),
        epoch=epoch,
        loss=given(loss),
        accuracy=given(accuracy),
        mse=given(mse),
        learning_rate=absent,
        time=given(time) if len(time) else 1000 + SECONDS_PER_EPOCH * epoch,
    )


def measured(
    session_id: int = 1,
    *,
    train: Columns | None = None,
    val: Columns | None = None,
    test: Columns | None = None,
    state: SessionState = SessionState.FINISHED,
    epochs_done: float = 5.0,
    cause: str | None = None,
    active: ActiveTime | None = None,
    checkpoint_bytes: int | None = None,
    num_parameters: int | None = None,
    peak_memory_bytes: int | None = None,
    ece: float | None = None,
    outlier_auroc: float | None = None,
    **parameters: Any,
) -> Measured:
    """Return what would be on disk of a training that ran from Unix second 1000 on."""
    resolved = resolve(
        {"epochs": 5, "batch_size": 150, **parameters},
        sizes=even_sizes({"digits": 1_500, "mnist": 60_000}),
        default_threads=1,
    )
    progress = Progress(
        position=Position(step=round(epochs_done * STEPS_PER_EPOCH)),
        steps_per_epoch=STEPS_PER_EPOCH,
        peak_memory_bytes=peak_memory_bytes,
    )
    # Stored parameters come back as JSON has them: lists, not tuples.
    plain = msgspec.json.decode(msgspec.json.encode(to_plain(resolved)))
    record = SessionRecord(
        id=session_id,
        name=f"session-{session_id}",
        parameters=plain,
        created_at="2026-01-01T00:00:00.000Z",
        state=state,
        cause=cause,
        num_parameters=num_parameters,
        progress=progress,
        ece=ece,
        outlier_auroc=outlier_auroc,
    )
    splits = {
        "train": train if train is not None else columns(),
        "val": val if val is not None else columns(),
        "test": test if test is not None else columns(),
    }
    newest = max((float(split.time[-1]) for split in splits.values() if len(split)), default=0.0)
    return Measured(
        record,
        splits["train"],
        splits["val"],
        splits["test"],
        active=active or ActiveTime((1000.0,), (float("inf"),), (0.0,)),
        newest_time=newest,
        checkpoint_bytes=checkpoint_bytes,
    )


def validated(session_id: int, *accuracies: float, **given: Any) -> Measured:
    """Return a session with one validation per accuracy, an epoch apart, loss 1 − accuracy."""
    epochs = range(1, len(accuracies) + 1)
    losses = [1 - accuracy for accuracy in accuracies]
    return measured(session_id, val=columns(epochs, losses, accuracies), **given)
