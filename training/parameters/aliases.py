"""The short names that people type for parameters: `lr` for learning_rate."""

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
"""Each stands for one parameter and is the name of none."""

SHORTEST: dict[str, str] = {
    field: min([field, *(alias for alias, meant in ALIASES.items() if meant == field)], key=len)
    for field in FIELDS
}
"""The shortest name of each parameter, for labels where room is short."""


def field_alias(name: str) -> str | None:
    """Return the parameter that `name` means, itself or by a short name; None where none is."""
    plain = name.strip().lower().replace("-", "_")
    plain = ALIASES.get(plain, plain)
    return plain if plain in FIELDS else None
