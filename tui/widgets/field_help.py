"""What the side of the form says: the focused field and the model to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from storage.datasets import DATASETS
from training.catalog import MODELS
from training.parameters import FIELDS
from tui.inert import inert
from tui.widgets.parameter_form import LABEL_HELP, default_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.fields import Field


def field_help(name: str, problem: str, typed: Mapping[str, str]) -> Content:
    """Return a field's meaning, range and default, below what is wrong with it.

    Args:
        name: The field.
        problem: What is wrong with it; empty where nothing is.
        typed: What the form says; dataset, model and optimizer are always there.
    """
    title = Content.styled(name.replace("_", " "), "bold $accent")
    parts = [title]
    if problem:
        parts.append(Content.styled(f"✗ {inert(problem)}", "$tone-bad"))
    if name in LABEL_HELP:
        return Content("\n").join([*parts, Content(f"{LABEL_HELP[name]}.")])
    field = FIELDS[name]
    parts.append(Content(f"{field.help}."))
    if name == "dataset":
        parts.append(Content(f"{typed[name]}: {DATASETS[typed[name]].source}."))
    default = default_text(field, typed["model"], typed["optimizer"])
    parts.append(Content.styled(_range(field, default), "$text-muted"))
    return Content("\n").join(parts)


def model_summary(model: str, summary: dict[str, Any]) -> Content:
    """Return what the model will be: its source, its layers and how many weights they have."""
    head = f"{model}: {summary['num_parameters']:,} weights"
    layers = "\n".join(
        f"{inert(layer['kind'], 14):<14} {_shape(layer['shape']):<12} {layer['num_parameters']:>9,}"
        for layer in summary["layers"]
    )
    return Content.assemble(
        (head, "bold"), "\n", layers, "\n", (f"{MODELS[model].source}.", "$text-muted")
    )


def _shape(shape: Any) -> str:
    return "×".join(str(size) for size in shape) if isinstance(shape, list) else inert(shape, 12)


def _range(field: Field, default: str) -> str:
    words = []
    if field.choices:
        words.append(", ".join(field.choices))
    limits = field.limits
    low = limits.get("ge", limits.get("gt"))
    high = limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        words.append(
            f"{'more than ' if 'gt' in limits else ''}{low:,g} to"
            f" {'less than ' if 'lt' in limits else ''}{high:,g} {field.unit}".strip()
        )
    elif low is not None:
        words.append(f"{low:,g} or more {field.unit}".strip())
    words.append(f"left open: {default}")
    return "; ".join(words)
