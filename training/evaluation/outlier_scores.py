"""Out-of-distribution scores: a network's answers to unknown images, and their AUROC."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from mnist_tui.training.data.dataset import normalize
from mnist_tui.training.engine.scores import answers, chunk_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

PASSES = 3
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)


class Areas(NamedTuple):
    """Areas under the ROC curve, known images being the positive ones; None if not finite."""

    softmax: float | None
    energy: float | None


def logits_of(
    model: nn.Module,
    images: Tensor,
    normalization: str,
    tell: Callable[[int], None] = lambda _: None,
) -> Tensor:
    """Return the logits, (N, C) float32 on the CPU, of (N, 28, 28) uint8 images.

    Args:
        model: In any mode; it is evaluated and then left in training mode.
        images: On the model's device.
        normalization: unit or standard.
        tell: Takes how many are done.
    """
    parts = []
    for chunk in torch.split(images, chunk_size(images.device)):
        parts.append(answers(model, chunk, normalization).cpu())
        tell(sum(map(len, parts)))
    return torch.cat(parts)


def dropout_layers(model: nn.Module) -> list[nn.Module]:
    """Return the layers that drop something while training."""
    return [layer for layer in model.modules() if isinstance(layer, DROPOUTS) and layer.p > 0]


def passes_of(
    model: nn.Module, images: Tensor, normalization: str, seed: int
) -> list[NDArray[np.float32]]:
    """Return PASSES times probabilities, (N, C), with dropout active and all else as in evaluation.

    A network without dropout gives no pass. The random state of the process is as it was.

    Source: Gal, Ghahramani 2016, "Dropout as a Bayesian approximation".
    """
    layers = dropout_layers(model)
    passes = []
    model.eval()
    for layer in layers:
        layer.train()
    devices = [images.device] if images.device.type != "cpu" else []
    kind = images.device.type if devices else "cuda"
    for number in range(PASSES if layers else 0):
        with torch.inference_mode(), torch.random.fork_rng(devices, device_type=kind):
            torch.manual_seed(seed + number)
            parts = [
                model(normalize(chunk, normalization)).softmax(dim=1).cpu()
                for chunk in torch.split(images, chunk_size(images.device))
            ]
        passes.append(torch.cat(parts).numpy())
    model.train()
    return passes


def areas_of(known: Tensor, outliers: Tensor) -> Areas:
    """Return how well the scores of (N, C) logits tell known images from (M, C) outliers.

    Sources: the greatest probability, Hendrycks, Gimpel 2017; the negative energy logsumexp of the
    logits, Liu et al. 2020, "Energy-based out-of-distribution detection".
    """
    return Areas(
        _area(known.double().softmax(dim=1).amax(dim=1), outliers.double().softmax(1).amax(dim=1)),
        _area(known.double().logsumexp(dim=1), outliers.double().logsumexp(dim=1)),
    )


def _area(known: Tensor, outliers: Tensor) -> float | None:
    if not (known.isfinite().all() and outliers.isfinite().all()):
        return None
    return auroc(known.numpy(), outliers.numpy())


def auroc(known: NDArray[np.float64], outliers: NDArray[np.float64]) -> float | None:
    """Return the area under the ROC curve, or None if one side is empty.

    It is the chance that a known image scores higher than an outlier, a tie counting half: 1
    separates them, 0.5 is chance.
    Source: Hendrycks, Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks"; by the rank sum of Mann, Whitney 1947.

    Args:
        known: Scores of images as the model was trained on, (N,).
        outliers: Scores of others, (M,).
    """
    if not len(known) or not len(outliers):
        return None
    scores = np.concatenate([known, outliers])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    rank_sum = float(ranks[: len(known)].sum())
    return (rank_sum - len(known) * (len(known) + 1) / 2) / (len(known) * len(outliers))
