"""Presets: named parameters that are worth starting from, each with a sentence on its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Preset:
    """Parameters under one name; the others take their defaults."""

    name: str
    sentence: str
    parameters: Mapping[str, str]
    """By field, as the user would type them."""


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "quick-look",
            "Everything at work within seconds: LeNet on embedded digits",
            {"dataset": "digits", "model": "lenet", "epochs": "5"},
        ),
        Preset(
            "baseline",
            "The one to compare with: CNN of the Keras tutorials, MNIST",
            {"dataset": "mnist", "model": "cnn", "optimizer": "adam", "learning_rate": "0.001"},
        ),
        Preset(
            "fast",
            "MNIST to 99 % in one epoch: seconds on two cores",
            {
                "dataset": "mnist",
                "validation": "0",
                "model": "bn-cnn",
                "dropout": "0",
                "normalization": "standard",
                "learning_rate": "0.02",
                "schedule": "onecycle",
                "batch_size": "64",
                "epochs": "1",
                "precision": "auto",
            },
        ),
        Preset(
            "accurate",
            "The best MNIST here in five minutes: a residual network",
            {
                "dataset": "mnist",
                "validation": "0",
                "model": "chen-resnet",
                "normalization": "standard",
                "augmentation": "shift",
                "learning_rate": "0.01",
                "schedule": "onecycle",
                "batch_size": "128",
                "epochs": "10",
                "precision": "auto",
            },
        ),
        Preset(
            "lenet",
            "The network of 1998 on MNIST: a fifth of baseline's weights",
            {"dataset": "mnist", "model": "lenet", "batch_size": "128"},
        ),
        Preset(
            "batch-norm",
            "Three convolutions with batch normalization on MNIST",
            {"dataset": "mnist", "model": "bn-cnn", "batch_size": "128"},
        ),
        Preset(
            "sgd-momentum",
            "The baseline with SGD and momentum instead of Adam",
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
            "Short: three epochs of large batches, one-cycle schedule",
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
            "Long: 20 epochs, shifted images, AdamW, cosine schedule",
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
            "cnn3",
            "Three convolutions on 6,000 digits: seconds, and near 96 %",
            {
                "dataset": "mnist",
                "subset": "6000",
                "split": "pooled",
                "model": "cnn3",
                "optimizer": "adam",
                "learning_rate": "0.001",
                "batch_size": "128",
                "epochs": "5",
            },
        ),
        Preset(
            "hidden-channels",
            "Five sessions: how few filters are enough for digits",
            {
                "dataset": "mnist",
                "model": "hidden-channels",
                "hidden_channels": "2,5,10,20,32",
                "initialization": "torch",
                "normalization": "standard",
                "optimizer": "sgd",
                "learning_rate": "0.01",
                "momentum": "0.5",
                "batch_size": "64",
                "epochs": "2",
            },
        ),
        Preset(
            "two-models",
            "A large and a small network for clothing, side by side",
            {
                "dataset": "fashion-mnist",
                "model": "fashion-cnn",
                "filters": "32-64-128-256,16-32-64-128",
                "epochs": "10",
            },
        ),
        Preset(
            "clothing",
            "Harder than digits: baseline's network on Fashion-MNIST",
            {"dataset": "fashion-mnist", "model": "cnn", "epochs": "10"},
        ),
        Preset(
            "learning-rates",
            "Three sessions that differ in their learning rate alone",
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
"""By name, in order of display."""
