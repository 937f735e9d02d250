"""Estimate beside the form: disk space and duration of the planned sessions."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tui.training.parameters.estimate import (
    Duration,
    Likeness,
    checkpoint_bytes,
    disk_bytes,
    duration,
    find_alike,
)
from mnist_tui.training.parameters.hyperparameters import to_plain
from mnist_tui.training.parameters.split_sizes import SplitChoice, SplitSizes, split_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mnist_tui.storage.datasets.dataset_folder import DatasetSizes
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.training.parameters.hyperparameters import Hyperparameters

ROOMY_BYTES = 1_000_000_000
"""Free space beside the checkpoints above which the disk is not mentioned."""


@dataclass(frozen=True)
class Estimate:
    """Figures known before the start."""

    parameters: Hyperparameters
    """Of the first session."""
    num_sessions: int
    summary: dict[str, Any]
    """The layers of the first session's network."""
    checkpoint_bytes: int
    """Of the first session."""
    alike: Likeness | None
    """The session that predicts the speed of the first, or None."""
    images: SplitSizes | None
    """Of the first session; None if its dataset is not available locally."""
    first: Duration | None
    """Duration of the first session; None if speed or data are unknown."""
    wall_s: float | None
    """Duration of all sessions in the slots; None if one is unknown."""
    slots: int
    short_bytes: int | None
    """Free disk space if it is short, else None."""


async def estimate(
    wanted: Sequence[Hyperparameters],
    summary: dict[str, Any],
    sizes: DatasetSizes | None,
    records: Sequence[SessionRecord],
    *,
    slots: int,
    home: Path,
) -> Estimate:
    """Return the estimate for sessions of one dataset.

    Args:
        wanted: The complete parameters of each session.
        summary: The layers of the first one's network.
        sizes: The images of the dataset; None if it is not available locally.
        records: The sessions that may predict the speed.
        slots: Sessions that run at the same time.
        home: The home, for the free disk space.
    """
    alike, free = await asyncio.to_thread(_look, records, wanted, home)
    durations = [
        duration(parameters, sizes, likeness.images_per_s) if sizes and likeness else None
        for parameters, likeness in zip(wanted, alike, strict=True)
    ]
    checkpoint = checkpoint_bytes(wanted[0], summary)
    needed = disk_bytes(checkpoint, len(wanted))
    is_short = free is not None and free < needed + ROOMY_BYTES
    return Estimate(
        wanted[0],
        len(wanted),
        summary,
        checkpoint,
        alike[0],
        split_sizes(sizes, SplitChoice.of(to_plain(wanted[0]))) if sizes else None,
        durations[0],
        wall_s([each.total_s for each in durations if each], slots) if all(durations) else None,
        slots,
        free if is_short else None,
    )


def wall_s(totals_s: Sequence[float], slots: int) -> float:
    """Return the seconds until sessions of these lengths are done, each in the first free slot."""
    free_at = [0.0] * max(1, slots)
    for total_s in totals_s:
        earliest = free_at.index(min(free_at))
        free_at[earliest] += total_s
    return max(free_at)


def _look(
    records: Sequence[SessionRecord], wanted: Sequence[Hyperparameters], home: Path
) -> tuple[list[Likeness | None], int | None]:
    try:
        free: int | None = shutil.disk_usage(home).free
    except OSError:
        free = None
    return find_alike(records, wanted), free
