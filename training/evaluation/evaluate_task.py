"""Scores the test set with a checkpoint of a session, in a task of its own, and keeps the answers.

Nothing but the checkpoint's file is read of the session, so it may be in any state.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from mnist_tui.storage import folders
from mnist_tui.storage.checkpoints.checkpoint_folder import CheckpointFolder
from mnist_tui.storage.errors import CheckpointDamagedError, StorageError
from mnist_tui.storage.results.evaluations import REQUESTED, write_evaluation
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.training_state import Phase, TrainingState
from mnist_tui.training.evaluation.evaluation_results import evaluation_of
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.environment import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import CheckpointInfo

ATTEMPTS = 3
"""A session that trains lets checkpoints go while they are being read."""


def evaluate(arguments: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    """Score the test set and return the stored `Evaluation` as plain types.

    Args:
        arguments: folder (the session's), data_dir, parameters, environment, device (where it
            trains; None before its first start), is_best (whether the best checkpoint is meant
            rather than the newest).
        tell: Takes how far it is.

    Raises:
        StorageError: There is no sound checkpoint, no data, or no room for the answers.
        ValueError: The checkpoint is of another network, or the device has no memory left.
    """
    try:
        run, info = restored(arguments)
        evaluation = _score(run, info, Path(arguments["folder"]), tell)
    except torch.OutOfMemoryError as error:
        raise ValueError(
            "The device has no memory left for an evaluation; try again when less runs on it."
        ) from error
    return msgspec.to_builtins(evaluation)  # type: ignore[no-any-return]


def restored(arguments: dict[str, Any]) -> tuple[TrainingState, CheckpointInfo]:
    """Return the training of a session at a sound checkpoint, and that one's manifest.

    Args:
        arguments: Those of `evaluate`.

    Raises:
        StorageError: There is no sound checkpoint, or no data.
        ValueError: The checkpoint is of another network.
        torch.OutOfMemoryError: The device has no memory left.
    """
    take(arguments["environment"])
    parameters = from_plain(arguments["parameters"])
    device = _device(arguments["device"] or parameters.device)
    prepare(device, parameters.threads)
    run = TrainingState(
        parameters, load_data(Path(arguments["data_dir"]), parameters, device), device
    )
    folder = Path(arguments["folder"]) / folders.CHECKPOINTS
    checkpoints = CheckpointFolder(folder, state_dict.max_bytes(run))
    return run, restore_sound(run, checkpoints, is_best=arguments["is_best"])


def restore_sound(
    run: TrainingState, checkpoints: CheckpointFolder, *, is_best: bool = False
) -> CheckpointInfo:
    """Give `run` the newest, or the best, sound checkpoint and return its manifest.

    Damaged ones are passed over and left where they are.

    Raises:
        StorageError: There is none.
        SnapshotError: It is of another network.
    """
    for _ in range(ATTEMPTS):
        infos = [info for info in checkpoints.manifests() if info.is_best or not is_best]
        for info in reversed(infos):
            try:
                state_dict.restore(run, checkpoints.load(info))
            except (CheckpointDamagedError, state_dict.SnapshotDamagedError):
                continue
            return info
        if not infos:
            break
    kind = "best checkpoint" if is_best else "checkpoint"
    raise StorageError(
        f"There is no sound {kind} in {checkpoints.path};"
        " let the session train until it has saved one, then try again."
    )


def _device(asked: str) -> torch.device:
    """Return the device a session trains on, or the CPU where that device is not there."""
    try:
        return choose_device(asked)
    except ValueError:
        return torch.device("cpu")


def _score(
    run: TrainingState, info: CheckpointInfo, folder: Path, tell: Callable[[str], None]
) -> Any:
    started_at = time.monotonic()
    scoring = run.begin_scoring(Phase.TEST)
    while not scoring.is_complete:
        scoring.add_chunk(run.model, run.parameters.normalization)
        tell(f"{scoring.num_done:,} of {len(run.data.test):,} test images scored")
    probabilities = scoring.probabilities()
    evaluation, predictions = evaluation_of(
        run,
        scoring.sums.means(),
        probabilities,
        test_s=time.monotonic() - started_at,
        reason=REQUESTED,
        generation=info.generation,
    )
    return write_evaluation(folder, evaluation, predictions)
