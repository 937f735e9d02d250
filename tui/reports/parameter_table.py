"""Tables of parameters, models and datasets, generated for `docs/reference.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.training.parameters.catalog import MODELS, OPTIMIZERS
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.tui.reports.table_formats import pipe_table

if TYPE_CHECKING:
    from mnist_tui.training.parameters.catalog import ModelInfo
    from mnist_tui.training.parameters.field import Field

KINDS = {str: "TEXT", int: "INT", float: "FLOAT", bool: "true|false", tuple: "LIST"}
SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def value_text(field: Field) -> str:
    """Return what may be typed, in one word: the choices, or the kind of value."""
    own = [field.own.word] if field.own else []
    return "|".join([*field.choices, *own]) if field.choices else KINDS[field.kind]


def default_text(field: Field) -> str:
    """Return the default, or where it comes from."""
    if field.default is not None:
        return f"{field.show(field.default)} {field.unit}".strip()
    owners: dict[str, list[str]] = {}
    for name, options in [*((m.name, m.options) for m in MODELS.values()), *OPTIMIZERS.items()]:
        if field.name in options:
            owners.setdefault(field.show(options[field.name]), []).append(name)
    if not owners:
        return "chosen at the start"
    return "; ".join(f"{value} ({', '.join(names)})" for value, names in owners.items())


def range_text(field: Field) -> str:
    """Return the limits, such as ≥ 1, ≤ 64; the choices where there are some."""
    if field.choices:
        own = [f"or {field.own.words}"] if field.own else []
        return ", ".join([*field.choices, *own])
    return ", ".join(
        f"{sign} {field.limits[limit]:,}" for limit, sign in SIGNS.items() if limit in field.limits
    )


def options_text(model: ModelInfo) -> str:
    """Return the options of a model with their defaults, such as kernel_size 3, dropout 0.5."""
    shown = (f"{name} {FIELDS[name].show(value)}" for name, value in model.options.items())
    return ", ".join(shown)


def parameters() -> str:
    """Return the hyperparameters as a Markdown table."""
    rows = [
        (f"`{name}`", default_text(field), range_text(field), field.help)
        for name, field in FIELDS.items()
    ]
    return pipe_table(("parameter", "default", "range", "meaning"), rows) + "\n"


def models() -> str:
    """Return the models as a Markdown table."""
    rows = [
        (f"`{name}`", f"{model.num_parameters:,}", options_text(model), model.source)
        for name, model in MODELS.items()
    ]
    return pipe_table(("model", "weights", "options", "source"), rows) + "\n"


def datasets() -> str:
    """Return the datasets as a Markdown table."""
    rows = [(f"`{name}`", dataset.source) for name, dataset in DATASETS.items()]
    return pipe_table(("dataset", "source"), rows) + "\n"
