"""Sentences of a comparison: one per session on its changes and their effects, and general notes.

Each follows from a rule with a threshold, so that noise is not reported as an effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_tui.storage.records import SessionState
from mnist_tui.training.analysis import curve_figures
from mnist_tui.training.analysis.parameter_differences import (
    DATA,
    SEED,
    same_but_for_seed,
    show,
    value_of,
)
from mnist_tui.training.sessions.percent import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mnist_tui.training.analysis.comparison import Comparison, Member

MAX_NAMED_PARAMETERS = 3
MIN_ACCURACY_DIFFERENCE = 0.0005
"""Accuracies less than half a tenth of a point apart are reported as alike."""
MAX_CHANCE_ACCURACY = 0.2
"""Guessing among ten classes is right one time in ten; up to here little was learnt."""
MIN_LOSS_RISE = 0.1
"""Minimum rise of the loss, as a share of its minimum, to be reported."""
MIN_GAP_DIFFERENCE = 0.01
"""Minimum difference from the baseline in training minus validation accuracy: one point."""
MIN_SLOWDOWN = 1.25
"""Minimum ratio of speeds to be reported."""
MIN_EPOCH_DIFFERENCE = 0.5


def sentence(comparison: Comparison, member: Member) -> str:
    """Return the sentence on a session's changes and their effects, relative to the baseline."""
    name = f"#{member.record.id}"
    if member is comparison.baseline:
        return f"{name} is the baseline."
    base = f"#{comparison.baseline.record.id}"
    changed = f"{name} {_changed(comparison, member, base)}"
    if not member.has_same_data:
        return f"{changed}: different data, not comparable."
    effects = list(_effects(comparison, member))
    return f"{changed}: {'; '.join(effects)}." if effects else f"{changed}."


def notes(comparison: Comparison) -> list[str]:
    """Return the notes for readers of the figures, a sentence each."""
    count = len(comparison.parameters)
    differing = f"{count} parameter{'s differ' if count != 1 else ' differs'}" if count else ""
    sentences = [f"{differing}: {', '.join(comparison.parameters)}."] if differing else []
    if not differing:
        sentences.append("All parameters are the same.")
    if comparison.question.split == "train":
        sentences.append(
            "Convergence and stability go by training: not all have validation images."
        )
    sentences += _data_notes(comparison)
    sentences += _seed_notes(comparison)
    return sentences


def _changed(comparison: Comparison, member: Member, base: str) -> str:
    names = member.differing
    if not names:
        return f"has the parameters and the seed of {base}"
    if names == (SEED,):
        return f"differs from {base} in the seed alone"
    record, of = member.record, comparison.baseline.record
    differences = [
        f"{name} ({show(name, value_of(record, name))} against {show(name, value_of(of, name))})"
        for name in names[:MAX_NAMED_PARAMETERS]
    ]
    if more := len(names) - len(differences):
        differences.append(f"{more} more")
    return f"differs in {_and(differences)}"


def _effects(comparison: Comparison, member: Member) -> Iterable[str]:
    record = member.record
    if record.state is SessionState.FAILED:
        yield f"it failed{f' ({record.cause})' if record.cause else ''}"
    yield from _accuracy(comparison, member)
    yield from _chance(comparison, member)
    yield from _rising_loss(comparison, member)
    yield from _overfitting(comparison, member)
    yield from _speed(comparison, member)


def _accuracy(comparison: Comparison, member: Member) -> Iterable[str]:
    split = comparison.question.split
    name, word = f"{split}_accuracy", "validation" if split == "val" else "training"
    mine, its = member.values[name], comparison.baseline.values[name]
    if mine is None or its is None:
        yield f"no {word} accuracy yet" if mine is None else f"the baseline has no {word} accuracy"
        return
    points = 100 * abs(mine - its)
    if abs(mine - its) < MIN_ACCURACY_DIFFERENCE:
        text = f"{word} accuracy alike"
    else:
        text = f"{word} accuracy {points:.2f} points {'higher' if mine > its else 'lower'}"
    done, base_done = member.values["epochs_done"], comparison.baseline.values["epochs_done"]
    if done and base_done and abs(done - base_done) >= MIN_EPOCH_DIFFERENCE:
        text += f" after {done:.3g} epochs against {base_done:.3g}"
    yield text


def _chance(comparison: Comparison, member: Member) -> Iterable[str]:
    best = member.values[f"{comparison.question.split}_accuracy_best"]
    if best is not None and _is_guessing(comparison, member):
        yield f"it never got beyond {percent(best)} %, near the 10 % of guessing"


def _is_guessing(comparison: Comparison, member: Member) -> bool:
    best = member.values[f"{comparison.question.split}_accuracy_best"]
    return best is not None and best <= MAX_CHANCE_ACCURACY


def _rising_loss(comparison: Comparison, member: Member) -> Iterable[str]:
    points = member.measured.points(comparison.question.split)
    least, newest = curve_figures.best(points, "loss"), curve_figures.last(points, "loss")
    if least is None or newest is None or newest.value < (1 + MIN_LOSS_RISE) * least.value:
        return
    if newest.epoch > least.epoch:
        yield (
            f"its loss rose after epoch {least.epoch:.3g}"
            f" (from {least.value:.3g} to {newest.value:.3g})"
        )


def _overfitting(comparison: Comparison, member: Member) -> Iterable[str]:
    if _is_guessing(comparison, member):
        return
    mine, its = member.values["accuracy_gap"], comparison.baseline.values["accuracy_gap"]
    if mine is None or its is None or mine <= 0 or mine - its < MIN_GAP_DIFFERENCE:
        return
    yield (
        f"training is {100 * mine:.2f} points ahead of validation"
        f" (baseline {100 * its:.2f}): it overfits more"
    )


def _speed(comparison: Comparison, member: Member) -> Iterable[str]:
    mine, its = member.values["images_per_s"], comparison.baseline.values["images_per_s"]
    if not mine or not its:
        return
    if its / mine >= MIN_SLOWDOWN:
        yield f"{its / mine:.2g} times slower per image"
    elif mine / its >= MIN_SLOWDOWN:
        yield f"{mine / its:.2g} times faster per image"


def _data_notes(comparison: Comparison) -> Iterable[str]:
    base = comparison.baseline.record
    ids: dict[str, list[str]] = {}
    for member in comparison.members:
        differences = [
            f"{name} {show(name, value_of(member.record, name))}"
            f" against {show(name, value_of(base, name))}"
            for name in DATA
            if name in member.differing
        ]
        if differences:
            ids.setdefault(_and(differences), []).append(f"#{member.record.id}")
    for what, others in ids.items():
        has = "has" if len(others) == 1 else "have"
        yield f"{_and(others)} {has} different data: not comparable ({what})."


def _seed_notes(comparison: Comparison) -> Iterable[str]:
    by_id = {member.record.id: member for member in comparison.members}
    for group in same_but_for_seed([member.record for member in comparison.members]):
        ids = _and([f"#{record.id}" for record in group])
        seeds = {value_of(record, SEED) for record in group}
        what = "different seeds" if len(seeds) > 1 else "same seed"
        means = _means([by_id[record.id] for record in group], comparison.question.split)
        yield f"{ids}: same parameters, {what}{f': {means}' if means else ''}."


def _means(group: Sequence[Member], split: str) -> str:
    """Return mean and sample standard deviation of the accuracies of the finished sessions."""
    finished = [member for member in group if member.record.state is SessionState.FINISHED]
    means = []
    for name, word in ((split, "validation" if split == "val" else "training"), ("test", "test")):
        values = [member.values[f"{name}_accuracy"] for member in finished]
        accuracies = [value for value in values if value is not None]
        if len(accuracies) > 1:
            deviation = 100 * np.std(accuracies, ddof=1)
            means.append(f"{word} {percent(float(np.mean(accuracies)))} ± {deviation:.2f} %")
    if not means:
        return ""
    return f"final accuracy {', '.join(means)} (mean ± sd of {len(finished)} finished)"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
