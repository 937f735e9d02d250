"""Report of a profile: figures, a row per part, a row per operator, one sentence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.storage.records import SessionState as S
from mnist_tui.storage.results.profiles import PartCost
from mnist_tui.training.sessions.step_parts import Part
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.figures import (
    FRACTION,
    MILLISECONDS,
    NUMBER,
    SIGNED_BYTES,
    TEXT,
    Column,
)
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Facts, Section, Table
from mnist_tui.tui.text.text_writer import page_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.profiles import OperatorCost, Profile
    from mnist_tui.tui.text.figures import Value
    from mnist_tui.tui.text.table import Cell

MAX_OPERATORS = 12
MAX_NAME = 60

SHARE = Column("fraction", FRACTION, "%")
MEMORY = Column("memory_bytes", SIGNED_BYTES, "MEMORY")
PART_COLUMNS = (Column("part"), Column("wall_s", MILLISECONDS, "MS"))
OPERATOR_COLUMNS = (
    Column("operator", TEXT._replace(write=partial(printable, limit=MAX_NAME))),
    Column("calls", NUMBER),
    Column("cpu_s", MILLISECONDS, "CPU MS"),
)
DEVICE_COLUMNS = (Column("device_s", MILLISECONDS, "CUDA MS"), Column("share", FRACTION, "%"))

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
"""The next step for a session that was never profiled; all others can be resumed."""


def why_none(record: SessionRecord) -> str:
    """Return a sentence on why a session has no profile, and what to do."""
    first = _FIRST.get(record.state, "resume it and ask again while it trains")
    return (
        f"#{record.id} {printable(record.name)} is {record.state} and was never profiled; {first}."
    )


def details_of(record: SessionRecord, profile: Profile) -> dict[str, Any]:
    """Return everything that is known about a profile, as `profile --json` writes it."""
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
    title = (
        f"{printable(record.name)} (#{record.id}): where a batch of {profile.batch_size:,} images"
        f" goes, on average over {batches(profile.num_batches)}"
    )
    operators = _with_shares(
        Table(
            "Operators", OPERATOR_COLUMNS, [(each.name, each.calls, each.cpu_s) for each in shown]
        ),
        shown,
        profile,
    )
    return page_text(
        [
            Section(title, (_figures(profile),)),
            Section("", (part_table(profile),)),
            Section("", (operators, _footnote(len(shown), profile))),
            Section("", (verdict(profile),)),
        ],
        width,
    )


def part_table(profile: Profile) -> Table:
    """Return a row per part of a step: its time, its share of that, its memory."""
    rows = [(name_of(part.part, profile), part.wall_s) for part in profile.parts]
    return _with_shares(Table("Parts", PART_COLUMNS, rows), profile.parts, profile)


def _footnote(num_shown: int, profile: Profile) -> str:
    return (
        f"{num_shown} of {formatting.count_of(profile.num_operators, 'operator')}, each without"
        " those that it calls; memory is what was taken less what was given back"
        + (f"; {NO_GRAPH}" if has_device_times(profile) else "")
    )


def verdict(profile: Profile) -> str:
    """Return one sentence on the most expensive part and operator."""
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
    return formatting.count_of(count, "batch", "batches")


def has_device_times(profile: Profile) -> bool:
    """Return True if any kernel of a device was seen."""
    return any(part.device_s > 0 for part in profile.parts)


def name_of(part: str, profile: Profile) -> str:
    """Return what a part of a profile is called on the screen."""
    if part == Part.FORWARD and all(each.part != Part.LOSS for each in profile.parts):
        return "forward and loss"
    return NAMES[Part(part)] if part in list(Part) else printable(part, MAX_NAME)


def _figures(profile: Profile) -> Facts:
    usual = MILLISECONDS.text(profile.usual_batch_s)
    device_s = sum(part.device_s for part in profile.parts)
    facts: list[tuple[str, Value | Cell]] = [
        ("measured", f"{profile.created_at}, up to step {profile.step:,}"),
        ("on", f"{profile.device}, threads: {profile.threads or formatting.ABSENT}"),
        (
            "a batch",
            f"{MILLISECONDS.text(profile.batch_s)} ms while measured, otherwise {usual} ms",
        ),
        (
            "CPU time",
            f"{MILLISECONDS.with_unit(profile.cpu_s)},"
            f" {_whole_percent(profile.cpu_s, profile.batch_s)} of one core",
        ),
        ("peak memory", f"{formatting.num_bytes(profile.peak_memory_bytes)} so far"),
    ]
    if has_device_times(profile):
        busy = _whole_percent(device_s, profile.batch_s)
        facts.append(("CUDA time", f"{MILLISECONDS.with_unit(device_s)}, {busy} of the batch's"))
    return Facts("Figures", facts)


def _with_shares(table: Table, costs: Sequence[PartCost | OperatorCost], profile: Profile) -> Table:
    """Return a table, whose last column is a time, with shares, CUDA times and memory."""
    has_device = has_device_times(profile)
    whole = sum(part.device_s for part in profile.parts)
    rows = []
    for row, cost in zip(table.rows, costs, strict=True):
        seconds = row[-1]
        assert isinstance(seconds, float)
        on_device = (cost.device_s, cost.device_s / whole) if has_device else ()
        rows.append((*row, _share(seconds, profile), *on_device, cost.memory_bytes))
    columns = (*table.columns, SHARE, *(DEVICE_COLUMNS if has_device else ()), MEMORY)
    return table._replace(columns=columns, rows=rows)


def _cost(cost: PartCost | OperatorCost, *, on_device: bool) -> float:
    if on_device:
        return cost.device_s
    return cost.wall_s if isinstance(cost, PartCost) else cost.cpu_s


def _share(seconds: float, profile: Profile) -> float:
    return min(1.0, seconds / profile.batch_s) if profile.batch_s > 0 else 0.0


def _whole_percent(part: float, whole: float) -> str:
    return f"{100 * part / whole if whole > 0 else 0:.0f} %"
