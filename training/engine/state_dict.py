"""State of a training as the bytes of a checkpoint, complete enough to resume bit for bit.

The bytes are `torch.save` of plain tensors and scalars; they are read with `weights_only=True` and
compared with the newly built training before anything is copied.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from mnist_tui.storage.records import Position
from mnist_tui.training.data.safe_load import UntrustedError, load_plain
from mnist_tui.training.engine.device import rng_state
from mnist_tui.training.engine.non_finite_check import require_finite_state
from mnist_tui.training.engine.optimizers import trained_weights
from mnist_tui.training.engine.scores import Scores
from mnist_tui.training.engine.training_state import Best

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from mnist_tui.training.engine.training_state import TrainingState

SNAPSHOT_FORMAT = 1
SLACK_BYTES = 1024 * 1024
"""For the content of a snapshot beside tensors of the size of the weights."""


class SnapshotError(ValueError):
    """A training cannot resume from these bytes; the text is a sentence."""


class SnapshotDamagedError(SnapshotError):
    """The bytes are not a snapshot; the text is a clause."""


def max_bytes(run: TrainingState) -> int:
    """Return an upper bound of the size of a snapshot: weights and four values for each."""
    sizes: list[int] = [tensor.nbytes for tensor in run.model.state_dict().values()]
    return 5 * sum(sizes) + 10_000 * len(sizes) + SLACK_BYTES


def capture(run: TrainingState) -> bytes:
    """Return the state of `run` between two units of work.

    Raises:
        NotFiniteError: A step failed; an earlier snapshot is the last good one.
    """
    return encode(freeze(run, is_copied=False))


def freeze(run: TrainingState, *, is_copied: bool) -> dict[str, Any]:
    """Return the state of `run` between two units of work, to be encoded.

    Args:
        run: The training to save.
        is_copied: True if the state must not change while the training continues.

    Raises:
        NotFiniteError: A step failed; an earlier snapshot is the last good one.
    """
    run.training_step.non_finite_check.look()
    step = run.position.step
    require_finite_state("a weight", run.model.state_dict().values(), step)
    moments = (value for state in run.optimizer.state.values() for value in state.values())
    tensors = (value for value in moments if isinstance(value, torch.Tensor))
    require_finite_state("the optimiser's state", tensors, step)
    take = _copied if is_copied else _on_cpu
    return {
        "format": SNAPSHOT_FORMAT,
        "model": {name: take(tensor) for name, tensor in run.model.state_dict().items()},
        "optimizer": _optimizer_state(run, take),
        "rng": rng_state(run.device),
        "position": msgspec.to_builtins(run.position),
        "window": {"sums": take(run.window.sums), "num_images": run.window.num_images},
        "best": {"accuracy": run.best.accuracy, "epoch": run.best.epoch} if run.best else None,
        "newest": {split: list(scores) for split, scores in run.newest.items()},
    }


def encode(content: Mapping[str, Any]) -> bytes:
    """Return a frozen state as the bytes of a checkpoint."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def restore(run: TrainingState, content: bytes) -> None:
    """Restore the newly built `run` from captured bytes; `run.restore_rng` completes it.

    Raises:
        SnapshotDamagedError: The bytes are not a snapshot.
        SnapshotError: They are of an unknown format, or of another network. The run is then as it
            was.
    """
    loaded = _load(content)
    try:
        _check_alike("weights", run.model.state_dict(), loaded["model"])
        optimizer_state = _checked_optimizer_state(run, loaded["optimizer"])
        position = msgspec.convert(loaded["position"], Position)
        best = Best(**loaded["best"]) if loaded["best"] else None
        newest = {split: Scores(*scores) for split, scores in loaded["newest"].items()}
        _check_alike("sums", {"sums": run.window.sums}, {"sums": loaded["window"]["sums"]})
        num_images = int(loaded["window"]["num_images"])
        rng = _checked_rng(loaded["rng"])
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise SnapshotError(
            f"The checkpoint lacks what a training needs ({error!r}); use an older one."
        ) from error
    run.model.load_state_dict(loaded["model"])
    groups = run.optimizer.state_dict()["param_groups"]
    run.optimizer.load_state_dict({"state": optimizer_state, "param_groups": groups})
    run.window.sums.copy_(loaded["window"]["sums"])
    run.window.num_images = num_images
    run.position = run.restored_position = position
    run.best, run.newest, run.rng = best, newest, rng


def _load(content: bytes) -> dict[str, Any]:
    try:
        loaded = load_plain(content)
    except UntrustedError as error:
        raise SnapshotDamagedError(str(error)) from error
    version = loaded.get("format")
    if version != SNAPSHOT_FORMAT:
        raise SnapshotError(
            f"The checkpoint has format {version}, and this version of mnist-tui reads"
            f" {SNAPSHOT_FORMAT}; use the version that wrote it."
        )
    return loaded


def _on_cpu(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu()


def _copied(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True)


def _optimizer_state(
    run: TrainingState, take: Callable[[Tensor], Tensor]
) -> dict[str, dict[str, Tensor | None]]:
    """Return the optimiser's state by the names of the weight and of the value."""
    return {
        name: {
            key: take(value) if isinstance(value, torch.Tensor) else value
            for key, value in run.optimizer.state[weight].items()
        }
        for name, weight in run.model.named_parameters()
        if weight in run.optimizer.state
    }


def _checked_optimizer_state(
    run: TrainingState, saved: Mapping[str, Mapping[str, Tensor | None]]
) -> dict[int, dict[str, Tensor | None]]:
    """Return saved state as the optimiser takes it: by index, laid out in memory like the weights.

    The fused optimisers walk through weights and state side by side, so the layouts must agree.
    """
    state: dict[int, dict[str, Tensor | None]] = {}
    for index, (name, weight) in enumerate(trained_weights(run.model)):
        if name not in saved:
            continue
        state[index] = {}
        for key, value in saved[name].items():
            if value is None or key == "step":
                if value is not None:
                    _check_alike("optimiser steps", {name: torch.zeros(())}, {name: value})
                state[index][key] = value
                continue
            _check_alike("optimiser state", {name: weight}, {name: value})
            state[index][key] = torch.empty_like(weight, requires_grad=False).copy_(value)
    return state


def _checked_rng(saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    try:
        torch.Generator().set_state(saved["cpu"])
    except RuntimeError as error:
        raise SnapshotDamagedError("its random state is invalid") from error
    return dict(saved)


def _check_alike(what: str, expected: Mapping[str, Tensor], actual: Mapping[str, Tensor]) -> None:
    if expected.keys() != actual.keys():
        odd = ", ".join(sorted(expected.keys() ^ actual.keys()))
        raise SnapshotError(f"The checkpoint is of another network: its {what} differ in {odd}.")
    for name, tensor in expected.items():
        here, there = (tensor.shape, tensor.dtype), (actual[name].shape, actual[name].dtype)
        if here != there:
            raise SnapshotError(
                f"The checkpoint is of another network: its {what} {name} are"
                f" {_described(actual[name])}, not {_described(tensor)}."
            )


def _described(tensor: Tensor) -> str:
    return f"{'×'.join(map(str, tensor.shape))} {str(tensor.dtype).removeprefix('torch.')}"
