"""What a worker writes into its log for people: beginnings, epochs, checkpoints and commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mnist_tui.storage.records import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnist_tui.storage.records import CheckpointInfo, MetricRow


class WorkerLog:
    """Writes one line for what is worth a line; never one per batch."""

    def __init__(self) -> None:
        self._train: MetricRow | None = None

    def tell(self, text: str) -> None:
        """Write one line with the time; a log that cannot be written harms nothing."""
        sys.stdout.write(f"{utc_now()}  {text}\n")

    def rows(self, rows: Sequence[MetricRow]) -> None:
        """Tell each epoch once, with its validation where there is one, and the test."""
        for row in rows:
            match row.split:
                case "train":
                    self._tell_untold_epoch()
                    self._train = row
                case "val":
                    train = f"train {_scores(self._train)}, " if self._train else ""
                    self.tell(f"epoch {row.epoch:g}: {train}validation {_scores(row)}")
                    self._train = None
                case "test":
                    self._tell_untold_epoch()
                    self.tell(f"test {_scores(row)} with the weights of step {row.step:,}")

    def _tell_untold_epoch(self) -> None:
        if self._train is not None and self._train.epoch.is_integer():
            self.tell(f"epoch {self._train.epoch:g}: train {_scores(self._train)}")
            self._train = None

    def saved(self, info: CheckpointInfo) -> None:
        """Tell a checkpoint."""
        name = f" {info.name}" if info.name else ""
        best = ", the best so far" if info.is_best and info.reason != "best" else ""
        self.tell(
            f"checkpoint{name} of step {info.position.step:,} ({info.reason}{best}):"
            f" {info.file}, {info.num_bytes / 1e6:.1f} MB"
        )


def _scores(row: MetricRow | None) -> str:
    if row is None or row.loss is None or row.accuracy is None:
        return "without figures"
    return f"loss {row.loss:.4f}, accuracy {100 * row.accuracy:.2f} %"
