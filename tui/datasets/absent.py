"""What is said of a dataset that is not here: looking at one never fetches it."""

from __future__ import annotations

from storage.datasets import DATASETS


def how_to_get(name: str) -> str:
    """Return how a dataset that is missing is had, as a sentence."""
    verb = "downloads" if DATASETS[name].torchvision_class else "makes"
    return (
        f"`mnist-tui new --dataset {name}` {verb} it first;"
        " a folder that torchvision filled can be named with --data-dir."
    )
