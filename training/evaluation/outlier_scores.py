"""Out-of-distribution scores: a network's answers to unknown images, and their AUROC."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from mnist_tui.training.data.dataset import normalize
from mnist_tui.training.engine.scores import chunk_size, predict_logits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

PASSES = 3
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)


class Areas(NamedTuple):
    """Areas under the ROC curve with in-distribution images as positives; None if not finite."""

    softmax: float | None
    energy: float | None


def predict_all_logits(
    model: nn.Module,
    images: Tensor,
    normalization: str,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Tensor:
    """Return the logits, (N, C) float32 on the CPU, of (N, 28, 28) uint8 images.

    Args:
        model: In any mode; afterwards in training mode.
        images: On the model's device.
        normalization: unit or standard.
        on_progress: Takes the number of completed images.
    """
    parts = []
    for chunk in torch.split(images, chunk_size(images.device)):
        parts.append(predict_logits(model, chunk, normalization).cpu())
        on_progress(sum(map(len, parts)))
    return torch.cat(parts)


def find_dropout_layers(model: nn.Module) -> list[nn.Module]:
    """Return the dropout layers that are active in training."""
    return [layer for layer in model.modules() if isinstance(layer, DROPOUTS) and layer.p > 0]


def predict_with_dropout(
    model: nn.Module, images: Tensor, normalization: str, seed: int
) -> list[NDArray[np.float32]]:
    """Return PASSES times probabilities, (N, C), with dropout active, else in evaluation mode.

    A network without dropout has no passes. The random state of the process does not change.

    Source: Gal, Ghahramani 2016, "Dropout as a Bayesian approximation".
    """
    layers = find_dropout_layers(model)
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


def compute_areas(inliers: Tensor, outliers: Tensor) -> Areas:
    """Return the AUROC of the scores of (N, C) in-distribution logits against (M, C) outliers.

    Sources: the greatest probability, Hendrycks, Gimpel 2017; the negative energy logsumexp of the
    logits, Liu et al. 2020, "Energy-based out-of-distribution detection".
    """
    return Areas(
        _area(
            inliers.double().softmax(dim=1).amax(dim=1), outliers.double().softmax(1).amax(dim=1)
        ),
        _area(inliers.double().logsumexp(dim=1), outliers.double().logsumexp(dim=1)),
    )


def _area(inliers: Tensor, outliers: Tensor) -> float | None:
    if not (inliers.isfinite().all() and outliers.isfinite().all()):
        return None
    return auroc(inliers.numpy(), outliers.numpy())


def auroc(inliers: NDArray[np.float64], outliers: NDArray[np.float64]) -> float | None:
    """Return the area under the ROC curve, or None if one side is empty.

    It is the probability that an in-distribution image scores higher than an outlier, with a tie
    counting half: 1 separates them, 0.5 is chance.
    Source: Hendrycks, Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks"; by the rank sum of Mann, Whitney 1947.

    Args:
        inliers: Scores of in-distribution images, (N,).
        outliers: Scores of out-of-distribution images, (M,).
    """
    if not len(inliers) or not len(outliers):
        return None
    scores = np.concatenate([inliers, outliers])
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    rank_sum = float(ranks[: len(inliers)].sum())
    return (rank_sum - len(inliers) * (len(inliers) + 1) / 2) / (len(inliers) * len(outliers))
