"""Help text of the form's focused field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.tui.forms.field_text import default_text
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.field_advice import ADVICE
from mnist_tui.tui.widgets.parameter_form import PRESET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.training.parameters.field import Field


def field_help(name: str, problem: str, typed: Mapping[str, str]) -> Content:
    """Return a field's range, default, meaning, advice and problem.

    Args:
        name: The field.
        problem: What is wrong with it; empty where nothing is.
        typed: What the form says; dataset, model and optimizer are always there.
    """
    title = Content.styled(name.replace("_", " "), "bold $accent")
    if name in FIELDS:
        field = FIELDS[name]
        range_ = _range(field, default_text(field, typed["model"], typed["optimizer"]))
        title = Content.assemble(title, "  ", (range_, "$text-muted"))
    lines = [title]
    if problem:
        lines.append(Content.styled(f"✗ {printable(problem)}", "$tone-bad"))
    lines += [Content(f"{sentence}.") for sentence in _sentences(name, typed)]
    return Content("\n").join(lines)


def _sentences(name: str, typed: Mapping[str, str]) -> list[str]:
    chosen = typed.get(name, "")
    sentences = [FIELDS[name].help] if name in FIELDS else []
    if name == "dataset" and chosen in DATASETS:
        sentences.append(f"{chosen}: {DATASETS[chosen].source}")
    elif name == "model" and chosen in MODELS:
        sentences.append(f"{chosen}: {MODELS[chosen].source}")
    elif name == PRESET and chosen in PRESETS:
        sentences.append(PRESETS[chosen].sentence)
    return [*sentences, ADVICE[name]]


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
