"""Datasets and models of the user's own, as they are typed: what they mean, and what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.storage.datasets.user_datasets import dataset_label, is_own_name
from mnist_tui.training.parameters.catalog import is_own_model
from mnist_tui.training.protocol.environment import CODE_VARIABLE, forwarded_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.storage.records import SessionRecord

DATASET, MODEL = "own_dataset", "own_model"
"""Fields of the form beside those of `FIELDS`; what they say replaces dataset and model."""


def grounded(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with folders of pictures named from the root, for other processes."""
    if not isinstance(given.get("dataset"), str):
        return dict(given)
    return {**given, "dataset": ",".join(map(_grounded, given["dataset"].split(",")))}


def grounded_label(dataset: str) -> str:
    """Return what a dataset, as it is typed, is called in the name of a session."""
    return dataset_label(_grounded(dataset))


def problem_of(field: str, text: str) -> str:
    """Return what is wrong with what `DATASET` or `MODEL` says; empty where nothing is."""
    if field == MODEL:
        return "" if is_own_model(text) else f"needs package.module:build, not {text!r}"
    folder = Path(_grounded(text))
    if is_own_name(text) or folder.is_dir():
        return ""
    return f"there is no folder {text!r}; name one with a folder of pictures for each class"


def environment_for(original: SessionRecord | None) -> dict[str, str]:
    """Return what new sessions get of this process; a clone finds the code of its original."""
    environment = forwarded_environment()
    if original is not None and CODE_VARIABLE in original.environment:
        environment[CODE_VARIABLE] = original.environment[CODE_VARIABLE]
    return environment


def _grounded(text: str) -> str:
    text = text.strip()
    is_known = text in ("", *DATASETS) or (is_own_name(text) and not Path(text).is_dir())
    if is_known or not ("/" in text or text in (".", "..", "~") or Path(text).is_dir()):
        return text
    return str(Path(text).expanduser().absolute())
