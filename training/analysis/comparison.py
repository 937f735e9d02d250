"""Comparison of several sessions: their parameters, and figures relative to a baseline.

Scores and times measured on different data say nothing about the parameters, so differences between
such sessions are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_tui.training.analysis import curve_figures
from mnist_tui.training.analysis.comparison_metrics import METRICS, Question
from mnist_tui.training.analysis.parameter_differences import (
    DATA,
    MAX_SESSIONS,
    MIN_SESSIONS,
    differing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.analysis.comparison_metrics import Measured, Metric, Split

DEFAULT_ACCURACY = 0.98
"""The accuracy to converge to, if one of the sessions has reached it."""


@dataclass(frozen=True)
class Member:
    """One of the sessions compared."""

    measured: Measured
    differing: tuple[str, ...]
    """The parameters in which it differs from the baseline."""
    values: Mapping[str, float | None] = field(default_factory=dict)
    """Figures by the names of `METRICS`."""

    @property
    def record(self) -> SessionRecord:
        """The session's record."""
        return self.measured.record

    @property
    def has_same_data(self) -> bool:
        """True if it was trained and scored on the same images as the baseline."""
        return not set(self.differing) & set(DATA)


@dataclass(frozen=True)
class Comparison:
    """Sessions and their figures, for screens, commands and reports."""

    members: tuple[Member, ...]
    """In the requested order."""
    baseline: Member
    parameters: tuple[str, ...]
    """Parameters with several values, in the order of the form."""
    question: Question

    def can_compare(self, metric: Metric, member: Member) -> bool:
        """Return True if the session's value is comparable to that of the baseline."""
        return member.has_same_data or not metric.needs_same_data

    def difference(self, metric: Metric, member: Member) -> float | None:
        """Return the session's value minus the baseline's.

        None for the baseline itself, for an absent value, and on different data.
        """
        value, base = member.values[metric.name], self.baseline.values[metric.name]
        is_shown = member is not self.baseline and self.can_compare(metric, member)
        return None if value is None or base is None or not is_shown else value - base

    def best(self, metric: Metric) -> frozenset[int]:
        """Return the IDs of the sessions with the best value.

        Empty if neither end is better, if fewer than two have a value on the baseline's data, or if
        all values are the same.
        """
        values = {
            member.record.id: value
            for member in self.members
            if self.can_compare(metric, member)
            and (value := member.values[metric.name]) is not None
        }
        if not metric.better or len(set(values.values())) < 2:
            return frozenset()
        best = (max if metric.better == "higher" else min)(values.values())
        return frozenset(session_id for session_id, value in values.items() if value == best)


def compare_sessions(
    sessions: Sequence[Measured], *, baseline_id: int | None = None, accuracy: float | None = None
) -> Comparison:
    """Return the comparison of two to ten sessions.

    Args:
        sessions: In the order of their columns, no session twice.
        baseline_id: The session that differences are taken to; the first by default.
        accuracy: The accuracy to converge to, 0..1; by default 0.98, or what all have reached.
    """
    assert MIN_SESSIONS <= len(sessions) <= MAX_SESSIONS, "two to ten sessions"
    by_id = {measured.record.id: measured for measured in sessions}
    base = by_id.get(baseline_id or 0, sessions[0])
    question = ask(sessions, accuracy)
    members = tuple(
        Member(
            measured,
            differing((base.record, measured.record)),
            {metric.name: metric.value(measured, question) for metric in METRICS},
        )
        for measured in sessions
    )
    return Comparison(
        members,
        members[sessions.index(base)],
        differing(measured.record for measured in sessions),
        question,
    )


def ask(sessions: Sequence[Measured], accuracy: float | None = None) -> Question:
    """Return the convergence question: the split that all sessions have, and the accuracy to reach.

    Without `accuracy` it is 0.98; if no session has come so far, then the highest that all have
    reached, rounded down to a whole per cent; None if that is 0 or nothing is measured yet.
    """
    has_validation = all(measured.record.parameters.get("validation") != 0 for measured in sessions)
    split: Split = "val" if has_validation else "train"
    if accuracy is not None:
        return Question(split, accuracy)
    points = [curve_figures.best(measured.points(split), "accuracy") for measured in sessions]
    reached = [point.value for point in points if point is not None]
    if max(reached, default=0.0) >= DEFAULT_ACCURACY:
        return Question(split, DEFAULT_ACCURACY)
    # 0.29 * 100 is 28.999…, which must not become 0.28.
    common = math.floor(round(min(reached, default=0.0) * 100, 9)) / 100
    return Question(split, common or None)
