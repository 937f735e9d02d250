"""Short names of parameters, such as `lr` for learning_rate."""

from __future__ import annotations

from mnist_tui.training.parameters.hyperparameters import FIELDS

ALIASES: dict[str, str] = {
    "lr": "learning_rate",
    "bs": "batch_size",
    "batch": "batch_size",
    "wd": "weight_decay",
    "mom": "momentum",
    "opt": "optimizer",
    "optimiser": "optimizer",
    "data": "dataset",
    "val": "validation",
    "init": "initialization",
    "norm": "normalization",
    "aug": "augmentation",
    "kernel": "kernel_size",
    "dense": "dense_units",
    "sched": "schedule",
}
"""Parameter by alias; no alias is the name of a parameter."""

SHORTEST: dict[str, str] = {
    field: min([field, *(alias for alias, meant in ALIASES.items() if meant == field)], key=len)
    for field in FIELDS
}
"""Shortest name of each parameter, for short labels."""


def field_alias(name: str) -> str | None:
    """Return the parameter that `name` or its alias stands for, or None."""
    plain = name.strip().lower().replace("-", "_")
    plain = ALIASES.get(plain, plain)
    return plain if plain in FIELDS else None
