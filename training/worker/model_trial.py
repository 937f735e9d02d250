"""Task that checks a user's model by training it for a moment, as a session would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.parameter import UninitializedParameter

from mnist_tui.training.data.dataset import Data, load_data, normalize
from mnist_tui.training.engine import state_dict
from mnist_tui.training.engine.training_state import Phase, TrainingState
from mnist_tui.training.models import build_model
from mnist_tui.training.models.user_models import UserModelError, describe_error
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.environment import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

NUM_IMAGES = 8
"""More than one, for batch normalization; few, so that the trial is short."""
CPU = torch.device("cpu")


def run_task(arguments: dict[str, Any], _on_progress: Callable[[str], None]) -> None:
    """Try the model of `arguments`: parameters, data_dir and environment."""
    take(arguments["environment"])
    try_to_train(from_plain(arguments["parameters"]), Path(arguments["data_dir"]))


def try_to_train(parameters: Hyperparameters, data_dir: Path) -> None:
    """Train one batch, evaluate one, save and restore, on the CPU; discard the result.

    Raises:
        UserModelError: A step failed; the text says which, and what a model must provide.
        StorageError: The dataset cannot be read.
    """
    name = parameters.model
    data = _few(load_data(data_dir, parameters, CPU))
    torch.set_num_threads(1)
    _check_weights(name, build_model(parameters, data.num_classes))
    try:
        run = TrainingState(parameters, data, CPU)
    except Exception as error:
        raise UserModelError(f"{name} could not be made ready: {describe_error(error)}.") from error
    _check_logits(run)
    try:
        run.train_step()
        run.begin_scoring(Phase.TEST).add_chunk(run.model, parameters.normalization)
        content = state_dict.capture(run)
        state_dict.restore(TrainingState(parameters, data, CPU), content)
    except Exception as error:
        raise UserModelError(f"{name} could not be trained: {describe_error(error)}.") from error


def _check_weights(name: str, model: nn.Module) -> None:
    weights = list(model.parameters())
    if any(isinstance(weight, UninitializedParameter) for weight in weights):
        raise UserModelError(
            f"{name} has layers whose size is not known yet; give every layer its size instead of"
            " a lazy one."
        )
    if not any(weight.requires_grad for weight in weights):
        raise UserModelError(f"{name} has no weights to train; give it layers with weights.")


def _few(data: Data) -> Data:
    return Data(
        train=data.train.part(0, NUM_IMAGES),
        validation=data.validation.part(0, 1),
        test=data.test.part(0, 1),
        test_indices=data.test_indices[:1],
        num_classes=data.num_classes,
    )


def _check_logits(run: TrainingState) -> None:
    name, images = run.parameters.model, run.data.train.images
    for mode in (run.model.train, run.model.eval):
        mode()
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                logits = run.model(normalize(images, run.parameters.normalization))
        except Exception as error:
            shape = tuple(normalize(images, run.parameters.normalization).shape)
            raise UserModelError(
                f"{name} cannot take images of shape {shape}: {describe_error(error)}."
            ) from error
        _check_shape(name, logits, (len(images), run.num_classes))
    run.model.train()


def _check_shape(name: str, logits: object, expected: tuple[int, int]) -> None:
    if not isinstance(logits, torch.Tensor):
        raise UserModelError(
            f"{name} returns a {type(logits).__name__}; let it return logits of shape {expected}."
        )
    if tuple(logits.shape) != expected:
        raise UserModelError(
            f"{name} returns shape {tuple(logits.shape)} for {expected[0]} images; let it return"
            f" logits of shape {expected}, one for each class."
        )
    if logits.dtype is not torch.float32:
        raise UserModelError(f"{name} returns {logits.dtype}; let it return torch.float32.")
    if not torch.isfinite(logits).all():
        raise UserModelError(f"{name} returns values that are not finite; check its first weights.")
    are_shares = bool((logits >= 0).all()) and torch.allclose(logits.sum(dim=1), torch.tensor(1.0))
    if are_shares:
        raise UserModelError(
            f"{name} returns probabilities; leave the softmax out and let it return logits."
        )
