"""A comparison as JSON types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.analysis.comparison_sentences import notes, sentence
from mnist_tui.training.analysis.parameter_differences import value_of

if TYPE_CHECKING:
    from mnist_tui.training.analysis.comparison import Comparison, Member


def as_plain(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON types."""
    return {
        "baseline": comparison.baseline.record.id,
        "differing": list(comparison.parameters),
        "accuracy": comparison.question.accuracy,
        "split": comparison.question.split,
        "notes": notes(comparison),
        "sessions": [_plain_member(comparison, member) for member in comparison.members],
    }


def _plain_member(comparison: Comparison, member: Member) -> dict[str, Any]:
    return {
        "id": member.record.id,
        "name": member.record.name,
        "state": member.record.state.value,
        "is_comparable": member.has_same_data,
        "differs_in": list(member.differing),
        "parameters": {name: value_of(member.record, name) for name in comparison.parameters},
        "metrics": dict(member.values),
        "differences": {metric.name: comparison.difference(metric, member) for metric in METRICS},
        "sentence": sentence(comparison, member),
    }
