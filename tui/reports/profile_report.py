"""A profile as `profile` prints it: figures, a row per part, a row per operator, one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.profiles import PartCost
from mnist_tui.training.sessions.step_parts import Part
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.profiles import OperatorCost, Profile

MAX_OPERATORS = 12
MAX_NAME = 60

NAMES = {
    Part.INDEX: "data: index",
    Part.AUGMENT: "data: augment",
    Part.NORMALIZE: "data: normalise",
    Part.FORWARD: "forward",
    Part.LOSS: "loss",
    Part.BACKWARD: "backward",
    Part.CHECKS: "checks for NaN and infinity",
    Part.OPTIMIZER: "optimiser",
    Part.SCORES: "scores",
    Part.BOOKKEEPING: "bookkeeping",
    Part.BETWEEN: "between two batches",
}

_FIRST = {
    S.QUEUED: "ask again once it runs",
    S.STARTING: "ask again once it runs",
    S.RUNNING: "leave out --last",
    S.FINISHED: "`mnist-tui clone` makes another one like it, to profile while it trains",
}
"""What to do about a session that was never profiled; all others can be resumed."""


def why_none(record: SessionRecord) -> str:
    """Return why there is no profile of a session to show, and what to do, as a sentence."""
    first = _FIRST.get(record.state, "resume it and ask again while it trains")
    return (
        f"#{record.id} {printable(record.name)} is {record.state} and was never profiled; {first}."
    )


def details_of(record: SessionRecord, profile: Profile) -> dict[str, Any]:
    """Return all there is to say about a profile, as `profile --json` writes it."""
    details = {"id": record.id, "name": record.name, **msgspec.to_builtins(profile)}
    for part in details["parts"]:
        part["fraction"] = _share(part["wall_s"], profile)
    for operator in details["operators"]:
        operator["fraction"] = _share(operator["cpu_s"], profile)
    del details["format"], details["generation"]
    return details


NO_GRAPH = "a CUDA graph, where the session replays one, was put aside meanwhile"


def report_lines(record: SessionRecord, profile: Profile, width: int | None) -> list[str]:
    """Return the lines that `profile` prints."""
    shown = profile.operators[:MAX_OPERATORS]
    return [
        *prose([_title(record, profile)], width),
        *_figures(profile),
        "",
        *_parts(profile),
        "",
        *_operators(shown, profile),
        *prose([_footnote(len(shown), profile)], width),
        "",
        *prose([verdict(profile)], width),
    ]


def _title(record: SessionRecord, profile: Profile) -> str:
    return (
        f"{printable(record.name)} (#{record.id}): where a batch of {profile.batch_size:,} images"
        f" goes, on average over {batches(profile.num_batches)}"
    )


def _footnote(num_shown: int, profile: Profile) -> str:
    return (
        f"{num_shown} of {formatting.count_of(profile.num_operators, 'operator')}, each without"
        " those that it calls; memory is what was taken less what was given back"
        + (f"; {NO_GRAPH}" if has_device_times(profile) else "")
    )


def verdict(profile: Profile) -> str:
    """Return one sentence on what takes most."""
    on_device = has_device_times(profile)
    whole = sum(_cost(part, on_device=on_device) for part in profile.parts)
    part = max(profile.parts, key=lambda each: _cost(each, on_device=on_device))
    share = _whole_percent(_cost(part, on_device=on_device), whole)
    what = "CUDA time" if on_device else "time"
    sentence = f"Of a batch's {what} {name_of(part.part, profile)} takes most ({share})"
    if not profile.operators:
        return f"{sentence}."
    first = profile.operators[0]
    share = _whole_percent(_cost(first, on_device=on_device), whole)
    return f"{sentence}, and of all operators {printable(first.name, MAX_NAME)} does ({share})."


def batches(count: int) -> str:
    """Return a number of batches with its noun."""
    return "1 batch" if count == 1 else f"{count:,} batches"


def has_device_times(profile: Profile) -> bool:
    """Return whether any kernel of a device was seen."""
    return any(part.device_s > 0 for part in profile.parts)


def name_of(part: str, profile: Profile) -> str:
    """Return what a part of a profile is called on the screen."""
    if part == Part.FORWARD and all(each.part != Part.LOSS for each in profile.parts):
        return "forward and loss"
    return NAMES[Part(part)] if part in list(Part) else printable(part, MAX_NAME)


def _figures(profile: Profile) -> list[str]:
    usual = profile.usual_batch_s
    device_s = sum(part.device_s for part in profile.parts)
    figures = {
        "measured": f"{printable(profile.created_at)}, up to step {profile.step:,}",
        "on": f"{printable(profile.device)}, threads: {profile.threads or formatting.ABSENT}",
        "a batch": f"{_ms(profile.batch_s)} ms while measured, otherwise"
        f" {formatting.ABSENT if usual is None else _ms(usual)} ms",
        "CPU time": f"{_ms(profile.cpu_s)} ms, {_whole_percent(profile.cpu_s, profile.batch_s)}"
        " of one core",
        "peak memory": f"{formatting.num_bytes(profile.peak_memory_bytes)} so far",
    }
    if has_device_times(profile):
        busy = _whole_percent(device_s, profile.batch_s)
        figures["CUDA time"] = f"{_ms(device_s)} ms, {busy} of the batch's"
    width = max(map(len, figures))
    return [f"  {name:<{width}}  {text}" for name, text in figures.items()]


def _parts(profile: Profile) -> list[str]:
    columns = [TextColumn("PART"), TextColumn("MS", is_right=True), TextColumn("%", is_right=True)]
    rows = [
        [
            name_of(part.part, profile),
            _ms(part.wall_s),
            formatting.percent(_share(part.wall_s, profile)),
        ]
        for part in profile.parts
    ]
    return _with_device_and_memory(columns, rows, profile.parts, profile)


def _operators(shown: Iterable[OperatorCost], profile: Profile) -> list[str]:
    columns = [
        TextColumn("OPERATOR"),
        TextColumn("CALLS", is_right=True),
        TextColumn("CPU MS", is_right=True),
        TextColumn("%", is_right=True),
    ]
    rows = [
        [
            printable(each.name, MAX_NAME),
            f"{each.calls:,.1f}".removesuffix(".0"),
            _ms(each.cpu_s),
            formatting.percent(_share(each.cpu_s, profile)),
        ]
        for each in shown
    ]
    return _with_device_and_memory(columns, rows, list(shown), profile)


def _with_device_and_memory(
    columns: list[TextColumn],
    rows: list[list[str]],
    costs: Iterable[PartCost | OperatorCost],
    profile: Profile,
) -> list[str]:
    if has_device_times(profile):
        columns += [TextColumn("CUDA MS", is_right=True), TextColumn("%", is_right=True)]
        whole = sum(part.device_s for part in profile.parts)
        for row, cost in zip(rows, costs, strict=True):
            row += [_ms(cost.device_s), formatting.percent(cost.device_s / whole)]
    columns.append(TextColumn("MEMORY", is_right=True))
    for row, cost in zip(rows, costs, strict=True):
        row.append(_signed_bytes(cost.memory_bytes))
    return render(columns, rows)


def _cost(cost: PartCost | OperatorCost, *, on_device: bool) -> float:
    if on_device:
        return cost.device_s
    return cost.wall_s if isinstance(cost, PartCost) else cost.cpu_s


def _share(seconds: float, profile: Profile) -> float:
    return min(1.0, seconds / profile.batch_s) if profile.batch_s > 0 else 0.0


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.3f}"


def _whole_percent(part: float, whole: float) -> str:
    return f"{100 * part / whole if whole > 0 else 0:.0f} %"


def _signed_bytes(count: int) -> str:
    if count == 0:
        return "0 B"
    return f"{'+' if count > 0 else '-'}{formatting.num_bytes(abs(count))}"
