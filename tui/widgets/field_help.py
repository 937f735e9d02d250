"""Help text of the form's focused field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from mnist_tui.storage.datasets.dataset_catalog import DATASETS
from mnist_tui.training.parameters.catalog import MODELS
from mnist_tui.training.parameters.hyperparameters import FIELDS
from mnist_tui.training.parameters.presets import PRESETS
from mnist_tui.tui.forms import user_code
from mnist_tui.tui.forms.field_text import default_text
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.widgets.parameter_form import PRESET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnist_tui.training.parameters.field import Field

ADVICE = {
    "preset": "Left and right choose; none takes back what a preset filled in and you left",
    "name": "What you will call it, 64 characters at most; left open: after model and dataset",
    "hold": "Let it wait in the queue until it is released",
    user_code.DATASET: "Instead of the above: a folder with one folder of PNG or JPEG files "
    "per class, or folders train and test of such",
    user_code.MODEL: "Or a function, as package.module:build, that takes the number of "
    "classes and returns a torch.nn.Module; it is looked for where mnist-"
    "tui was started",
}
"""Advice for fields that are no parameters."""


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
    return [*sentences, FIELDS[name].advice if name in FIELDS else ADVICE[name]]


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
