"""Named beginnings: parameters that are worth starting from, each with a sentence of why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Preset:
    """Parameters under one name; what it leaves out takes its default."""

    name: str
    sentence: str
    parameters: Mapping[str, str]
    """By field, as a person would type them."""


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "quick-look",
            "See everything work within seconds: a small network on the embedded digits",
            {"dataset": "digits", "model": "lenet", "epochs": "5"},
        ),
        Preset(
            "baseline",
            "The one to compare with: the CNN of the Keras tutorials on MNIST with Adam",
            {"dataset": "mnist", "model": "cnn", "optimizer": "adam", "learning_rate": "0.001"},
        ),
        Preset(
            "lenet",
            "The classic of 1998 on MNIST: a fifth of the baseline's weights, and fast",
            {"dataset": "mnist", "model": "lenet", "batch_size": "128"},
        ),
        Preset(
            "batch-norm",
            "Three convolutions with batch normalization on MNIST: few weights, quick to learn",
            {"dataset": "mnist", "model": "bn-cnn", "batch_size": "128"},
        ),
        Preset(
            "sgd-momentum",
            "The baseline with plain SGD and momentum instead of Adam",
            {
                "dataset": "mnist",
                "model": "cnn",
                "optimizer": "sgd",
                "learning_rate": "0.01",
                "momentum": "0.9",
            },
        ),
        Preset(
            "one-cycle",
            "Much accuracy in little time: large batches, three epochs, one cycle of the rate",
            {
                "dataset": "mnist",
                "model": "bn-cnn",
                "learning_rate": "0.01",
                "schedule": "onecycle",
                "batch_size": "256",
                "epochs": "3",
            },
        ),
        Preset(
            "careful",
            "The most accurate of these: shifted images, AdamW, the rate down along a cosine",
            {
                "dataset": "mnist",
                "model": "bn-cnn",
                "filters": "32-64-128",
                "normalization": "standard",
                "augmentation": "shift",
                "optimizer": "adamw",
                "learning_rate": "0.002",
                "schedule": "cosine",
                "batch_size": "128",
                "epochs": "20",
            },
        ),
        Preset(
            "clothing",
            "Harder than digits: the baseline's network on Fashion-MNIST, ten epochs",
            {"dataset": "fashion-mnist", "model": "cnn", "epochs": "10"},
        ),
        Preset(
            "learning-rates",
            "Three sessions that differ in the learning rate alone, on the embedded digits",
            {
                "dataset": "digits",
                "model": "cnn",
                "optimizer": "sgd",
                "momentum": "0.9",
                "learning_rate": "0.1,0.01,0.001",
            },
        ),
    )
}
"""By name, in the order they are offered."""
