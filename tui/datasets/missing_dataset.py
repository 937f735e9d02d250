"""What is said of a dataset that is not here: looking at one never fetches it."""

from __future__ import annotations

from mnist_tui.storage.datasets.dataset_catalog import DATASETS


def how_to_get(name: str) -> str:
    """Return how a dataset that is missing is had, as a sentence."""
    if name.startswith("/"):
        return "Start one, held if you like, to see its images."
    if name not in DATASETS:
        return "`mnist-tui new --dataset DIR` makes it of the folder of pictures that it is from."
    verb = "downloads" if DATASETS[name].torchvision_class else "makes"
    return (
        f"`mnist-tui new --dataset {name}` {verb} it first;"
        " a folder that torchvision filled can be named with --data-dir."
    )
