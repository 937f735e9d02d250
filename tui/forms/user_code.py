"""Datasets and models of the user: checks of what was typed, and the environment of their code."""

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
"""Fields of the form beside those of `FIELDS`; they replace dataset and model."""


def with_absolute_paths(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with absolute paths of image folders, for other processes."""
    if not isinstance(given.get("dataset"), str):
        return dict(given)
    return {**given, "dataset": ",".join(map(_absolute, given["dataset"].split(",")))}


def typed_dataset_label(dataset: str) -> str:
    """Return the label of a typed dataset for the name of a session."""
    return dataset_label(_absolute(dataset))


def problem_of(field: str, text: str) -> str:
    """Return the problem with the text of `DATASET` or `MODEL`; empty if there is none."""
    if field == MODEL:
        return "" if is_own_model(text) else f"needs package.module:build, not {text!r}"
    folder = Path(_absolute(text))
    if is_own_name(text) or folder.is_dir():
        return ""
    return f"there is no folder {text!r}; name one with a folder of pictures for each class"


def environment_for(original: SessionRecord | None) -> dict[str, str]:
    """Return the variables of new sessions; a clone keeps the code folder of its original."""
    environment = forwarded_environment()
    if original is not None and CODE_VARIABLE in original.environment:
        environment[CODE_VARIABLE] = original.environment[CODE_VARIABLE]
    return environment


def _absolute(text: str) -> str:
    text = text.strip()
    is_name = text in ("", *DATASETS) or (is_own_name(text) and not Path(text).is_dir())
    if is_name or not ("/" in text or text in (".", "..", "~") or Path(text).is_dir()):
        return text
    return str(Path(text).expanduser().absolute())
