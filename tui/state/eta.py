"""Estimated time until all sessions are done."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from mnist_tui.storage.records import SessionState
from mnist_tui.training.sessions import progress as figures
from mnist_tui.tui.text import formatting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mnist_tui.storage.records import SessionRecord


def seconds_left(records: Iterable[SessionRecord]) -> tuple[float, bool] | None:
    """Return the seconds until the queue is empty, and whether the estimate is complete.

    Running sessions end when they say; each queued one follows where a slot becomes free and
    takes as long as a running one of the same model and dataset. The flag is False where a queued
    session is like none that runs: then it takes longer than the seconds returned. None where
    nothing runs, or no running session knows yet.
    """
    running, queued = [], []
    for record in records:
        if record.state is SessionState.RUNNING:
            running.append(record)
        elif record.state is SessionState.QUEUED and not record.is_held:
            queued.append(record)
    ends = [record.progress.eta_s for record in running if record.progress.eta_s is not None]
    if not ends or len(ends) < len(running):
        return None
    is_complete = True
    heapq.heapify(ends)
    last = max(ends)
    for record in queued:
        lasts = _likely_seconds(record, running)
        if lasts is None:
            is_complete = False
            continue
        end = heapq.heappop(ends) + lasts
        heapq.heappush(ends, end)
        last = max(last, end)
    return last, is_complete


def outlook(records: Iterable[SessionRecord]) -> str:
    """Return the estimate in a few words; empty without one."""
    left = seconds_left(records)
    if left is None:
        return ""
    seconds, is_complete = left
    return f"all done in {'' if is_complete else '> '}{formatting.duration(seconds)}"


def _likely_seconds(record: SessionRecord, running: list[SessionRecord]) -> float | None:
    for other in running:
        is_alike = all(
            record.parameters[name] == other.parameters[name]
            for name in ("model", "dataset", "batch_size")
        )
        share = 1.0 - figures.progress(other)
        if is_alike and other.progress.eta_s is not None and share > 0:
            epochs = int(record.parameters["epochs"]) * (1.0 - figures.progress(record))
            return other.progress.eta_s / (share * int(other.parameters["epochs"])) * epochs
    return None
