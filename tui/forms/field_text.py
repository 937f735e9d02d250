"""Texts of form fields: left open, copied from a session, or different from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.catalog import OPTIMIZERS, model_info
from mnist_tui.training.parameters.hyperparameters import FIELDS, applicable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.training.parameters.field import Field

OPEN = "auto"
"""Text of an open field that is decided at the start."""
EVERYTHING = "all"
"""Text of an open field for a part of the images."""
PARTS = ("subset", "fraction")


def default_text(field: Field, model: str, optimizer: str) -> str:
    """Return the value that an open field will have."""
    options: dict[str, Any] = model_info(model).options | OPTIMIZERS[optimizer]
    if field.name in options:
        return field.show(options[field.name])
    if field.name in PARTS:
        return EVERYTHING
    return field.show(field.default) or OPEN


def texts_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of the form for a session's parameters; defaults are left open.

    So a field follows its default when the model changes, and keeps a value that was chosen. A
    model or optimizer that this version lacks is left open too.
    """
    model, optimizer = _supported(parameters, "model"), _supported(parameters, "optimizer")
    texts = {}
    for name in FIELDS:
        if name not in applicable(model, optimizer):
            continue
        is_chosen = FIELDS[name].choices and FIELDS[name].default is not None
        value = _supported(parameters, name) if is_chosen else parameters.get(name)
        text = FIELDS[name].show(value)
        if text and text != default_text(FIELDS[name], model, optimizer):
            texts[name] = text
    return texts


def _supported(parameters: Mapping[str, Any], name: str) -> str:
    field = FIELDS[name]
    value = parameters.get(name)
    is_own = field.own is not None and isinstance(value, str) and field.own.is_taken(value)
    return str(value if value in field.choices or is_own else field.default)


def was_text(name: str, typed: Mapping[str, str], original: Mapping[str, Any]) -> str:
    """Return the value of `original` if the form differs from it, else an empty text.

    Args:
        name: A field.
        typed: The texts of the form, always with model and optimizer.
        original: The parameters of the session that is cloned.
    """
    field = FIELDS.get(name)
    if field is None or original.get(name) is None:
        return ""
    if name not in applicable(typed["model"], typed["optimizer"]):
        return ""
    was = field.show(original[name])
    said = typed.get(name) or default_text(field, typed["model"], typed["optimizer"])
    try:
        is_same = field.show(field.read(said)) == was
    except ValueError:
        is_same = said == was
    return "" if is_same else was
