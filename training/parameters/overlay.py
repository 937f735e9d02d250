"""Changed parameters on top of those of a preset or another session.

Options of a replaced model, optimizer or choice of images are dropped, so that they take the
defaults of the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS
from mnist_tui.training.parameters.labels import MAX_LABEL_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

BELONGS_TO: dict[str, frozenset[str]] = {
    "model": frozenset(name for model in MODELS.values() for name in model.options),
    "optimizer": frozenset(name for options in OPTIMIZERS.values() for name in options),
    "dataset": frozenset({"validation"}),
    "subset": frozenset({"fraction", "validation"}),
    "fraction": frozenset({"subset", "validation"}),
    "split": frozenset({"fraction", "validation"}),
}
"""Parameters that another model, optimizer or choice of images invalidates."""

COPY = "-copy"


def overlay(
    base: Mapping[str, Any], changes: Mapping[str, Any], *, keeps_validation: bool = False
) -> dict[str, Any]:
    """Return `base` with `changes`, in the order of `base`, without None.

    Args:
        base: Values by field name; those of a session are complete.
        changes: The changed values.
        keeps_validation: Whether the number of validation images in `base` holds for any choice of
            images; that of a session may be the default of its own.
    """
    replaced = {
        owner for owner in BELONGS_TO if owner in changes and changes[owner] != base.get(owner)
    }
    obsolete = {name for owner in replaced for name in BELONGS_TO[owner]}
    if keeps_validation and "split" not in replaced:
        obsolete.discard("validation")
    kept = {
        name: value for name, value in base.items() if value is not None and name not in obsolete
    }
    return kept | dict(changes)


def copy_name(name: str, taken: Collection[str]) -> str:
    """Return the name of a copy of the session `name`, such as baseline-copy-2.

    Args:
        name: The original's name.
        taken: The names of existing sessions.
    """
    number = 1
    while True:
        end = COPY if number == 1 else f"{COPY}-{number}"
        candidate = name[: MAX_LABEL_LENGTH - len(end)] + end
        if candidate not in taken:
            return candidate
        number += 1
