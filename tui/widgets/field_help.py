"""What the side of the form says: the focused field and the model to be."""

from __future__ import annotations

from typing import Any

from textual.content import Content

from storage.datasets import DATASETS
from training.catalog import MODELS
from training.parameters import FIELDS, Field
from tui.inert import inert
from tui.widgets.parameter_form import LABEL_HELP, default_text


def field_help(name: str, problem: str, model: str, optimizer: str) -> Content:
    """Return a field's meaning, range and default, below what is wrong with it."""
    title = Content.styled(name.replace("_", " "), "bold $accent")
    parts = [title]
    if problem:
        parts.append(Content.styled(f"✗ {inert(problem)}", "$tone-bad"))
    if name in LABEL_HELP:
        return Content("\n").join([*parts, Content(f"{LABEL_HELP[name]}.")])
    field = FIELDS[name]
    parts.append(Content(f"{field.help}."))
    parts.append(
        Content.styled(_range(field, default_text(field, model, optimizer)), "$text-muted")
    )
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
    if field.name == "dataset":
        words = [f"{name}: {info.source}" for name, info in DATASETS.items()]
        return "\n".join(words)
    limits = field.limits
    low = limits.get("ge", limits.get("gt"))
    high = limits.get("le", limits.get("lt"))
    if low is not None and high is not None:
        words.append(
            f"{'more than ' if 'gt' in limits else ''}{low:,} to"
            f" {'less than ' if 'lt' in limits else ''}{high:,} {field.unit}".strip()
        )
    elif low is not None:
        words.append(f"{low:,} or more {field.unit}".strip())
    words.append(f"left open: {default}")
    return "; ".join(words)
