"""Layer-by-layer summary of a network, computed without allocating its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from mnist_tui.storage.datasets.dataset_catalog import IMAGE_SIDE
from mnist_tui.training.engine.forward_pass import logits_and_loss
from mnist_tui.training.engine.optimizers import trained_weights
from mnist_tui.training.models import build_model
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.parameters.hyperparameters import from_plain
from mnist_tui.training.protocol.environment import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from mnist_tui.training.parameters.hyperparameters import Hyperparameters


def run_task(arguments: dict[str, Any], _on_progress: Callable[[str], None]) -> dict[str, Any]:
    """Return the summary of a model.

    Args:
        arguments: parameters, num_classes, and environment for a user's model.
    """
    take(arguments.get("environment", {}))
    return summarize(from_plain(arguments["parameters"]), arguments["num_classes"])


def summarize(parameters: Hyperparameters, num_classes: int) -> dict[str, Any]:
    """Return {num_parameters, num_trained, layers: [{name, kind, shape, num_parameters}]}.

    The layers come in the order of training's forward pass; `shape` is that of the layer's output
    for one image, without the batch axis. Weights that are not trained count in `num_parameters`
    alone. It is computed on torch's meta device, where tensors have shapes and no memory; for a
    user's model on the CPU, because its code may read values.

    Raises:
        UserModelError: It is a user's model and cannot be built.
    """
    is_own = is_own_model(parameters.model)
    with torch.device("cpu" if is_own else "meta"), torch.no_grad():
        model = build_model(parameters, num_classes).eval()
        layers: list[dict[str, Any]] = []
        for name, module in model.named_modules():
            if not list(module.children()):
                module.register_forward_hook(_recorder(name, layers))
        images = torch.zeros(1, 1, IMAGE_SIDE, IMAGE_SIDE)
        logits_and_loss(model, images, torch.zeros(1, dtype=torch.int64))
    return {
        "num_parameters": sum(weight.numel() for weight in model.parameters()),
        "num_trained": sum(weight.numel() for _, weight in trained_weights(model)),
        "layers": layers,
    }


def _recorder(name: str, layers: list[dict[str, Any]]) -> Any:
    def record(module: nn.Module, _inputs: object, output: object) -> None:
        layers.append(
            {
                "name": name,
                "kind": type(module).__name__,
                "shape": _shape(output),
                "num_parameters": sum(weight.numel() for weight in module.parameters()),
            }
        )

    return record


def _shape(output: object) -> list[int]:
    """Return the shape for one image; of a layer that returns several tensors, of the first."""
    while isinstance(output, tuple | list) and output:
        output = output[0]
    return list(output.shape[1:]) if isinstance(output, torch.Tensor) else []
