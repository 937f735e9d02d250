"""Task that scores the test set with a checkpoint of a session and stores the answers.

It reads nothing of the session but the checkpoint's file, so the session may be in any state.
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
from mnist_tui.storage.results.evaluations import REQUESTED, Evaluation, write_evaluation
from mnist_tui.training.data.dataset import load_data
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.device import choose_device, prepare
from mnist_tui.training.engine.training_state import Phase, TrainingState
from mnist_tui.training.evaluation.evaluation_results import build_evaluation
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.environment import take
from mnist_tui.training.protocol.requests import CheckpointTaskResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnist_tui.storage.records import CheckpointInfo

ATTEMPTS = 3
"""A session that trains removes checkpoints while they are being read."""


def run_task(arguments: dict[str, Any], on_progress: Callable[[str], None]) -> dict[str, Any]:
    """Score the test set; return a `CheckpointTaskResult` of the `Evaluation`, as plain types.

    Args:
        arguments: folder (the session's), data_dir, parameters, environment, device (where it
            trains; None before its first start), is_best (the best checkpoint instead of the
            newest).
        on_progress: Takes a text for the user.

    Raises:
        StorageError: There is no valid checkpoint, no data, or no room for the answers.
        ValueError: The checkpoint is of another network, or the device has no memory left.
    """
    try:
        run, info = restore_training(arguments)
        evaluation = _score(run, info, Path(arguments["folder"]), on_progress)
    except torch.OutOfMemoryError as error:
        raise ValueError(
            "The device has no memory left for an evaluation; try again when less runs on it."
        ) from error
    result = CheckpointTaskResult(payload=evaluation, figures={"ece": evaluation.ece})
    return msgspec.to_builtins(result)  # type: ignore[no-any-return]


def restore_training(arguments: dict[str, Any]) -> tuple[TrainingState, CheckpointInfo]:
    """Return the training of a session, restored from a valid checkpoint, and the manifest of that.

    Args:
        arguments: Those of `run_task`.

    Raises:
        StorageError: There is no valid checkpoint, or no data.
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
    return run, restore_valid(run, checkpoints, is_best=arguments["is_best"])


def restore_valid(
    run: TrainingState, checkpoints: CheckpointFolder, *, is_best: bool = False
) -> CheckpointInfo:
    """Restore `run` from the newest, or the best, valid checkpoint and return its manifest.

    Damaged ones are skipped and left where they are.

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


def _device(name: str) -> torch.device:
    """Return the device a session trains on, or the CPU if that device is absent."""
    try:
        return choose_device(name)
    except ValueError:
        return torch.device("cpu")


def _score(
    run: TrainingState, info: CheckpointInfo, folder: Path, on_progress: Callable[[str], None]
) -> Evaluation:
    started_at = time.monotonic()
    scoring = run.begin_scoring(Phase.TEST)
    while not scoring.is_complete:
        scoring.add_chunk(run.model, run.parameters.normalization)
        on_progress(f"{scoring.num_done:,} of {len(run.data.test):,} test images scored")
    probabilities = scoring.probabilities()
    evaluation, predictions = build_evaluation(
        run,
        scoring.sums.means(),
        probabilities,
        test_s=time.monotonic() - started_at,
        reason=REQUESTED,
        generation=info.generation,
    )
    return write_evaluation(folder, evaluation, predictions)
