"""The figures of an evaluation as plain types, as JSON shows them; no numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mnist_tui.storage.results.evaluations import Evaluation

SUMMARY_KEYS = (
    "step", "epoch", "split", "dataset", "num_images", "loss", "accuracy", "mse", "ece", "test_s",
    "weights_bytes", "num_parameters", "reason", "created_at",
)  # fmt: skip


def summary_of(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """Return the figures of an evaluation; None where there is none."""
    if evaluation is None:
        return None
    plain = msgspec.to_builtins(evaluation)
    return {key: plain[key] for key in SUMMARY_KEYS}
