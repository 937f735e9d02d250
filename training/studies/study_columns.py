"""What a study may show of its sessions: the columns by name, without numpy.

`training.studies.study_results` says how each is measured. Published figures are written in a
definition as their papers print them, and kept as everything else is: fractions, seconds, bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["fraction", "share", "loss", "small", "epochs", "seconds", "rate", "bytes", "count"]

BYTES_PER_MIB = 1024**2
_FACTORS: dict[Kind, float] = {"fraction": 0.01, "share": 0.01, "bytes": BYTES_PER_MIB}
"""What a published figure is multiplied by to be ours; 1 for the other kinds."""


@dataclass(frozen=True)
class StudyColumn:
    """One column."""

    name: str
    """Its name in definitions and JSON."""
    title: str
    kind: Kind

    @property
    def unit(self) -> str:
        """What a published figure is written in, in words."""
        match self.kind:
            case "fraction" | "share":
                return "per cent"
            case "bytes":
                return "MiB"
            case "seconds":
                return "seconds"
            case _:
                return "plain numbers"

    def read_published(self, figure: object) -> float:
        """Return a figure of a definition as ours are: fractions of 1, bytes, seconds.

        Raises:
            ValueError: It is no such number; says what is expected.
        """
        if isinstance(figure, bool) or not isinstance(figure, int | float):
            raise ValueError(f"needs a number in {self.unit}, not {str(figure)[:40]!r}")
        if not 0 <= figure < float("inf"):
            raise ValueError(f"needs a number from 0 on, not {figure:g}")
        if self.kind == "fraction" and figure > 100:
            raise ValueError(f"is in per cent, so {figure:g} is too large")
        if self.kind == "fraction" and 0 < figure <= 1:
            raise ValueError(f"is in per cent: write {100 * figure:g}, not {figure:g}")
        return figure * _FACTORS.get(self.kind, 1)


COLUMNS: dict[str, StudyColumn] = {
    column.name: column
    for column in (
        StudyColumn("test_accuracy", "test %", "fraction"),
        StudyColumn("val_accuracy", "val %", "fraction"),
        StudyColumn("train_accuracy", "train %", "fraction"),
        StudyColumn("test_loss", "test loss", "loss"),
        StudyColumn("val_loss", "val loss", "loss"),
        StudyColumn("train_loss", "train loss", "loss"),
        StudyColumn("test_mse", "test MSE", "small"),
        StudyColumn("ece", "calibration error %", "share"),
        StudyColumn("epochs_to_accuracy", "epochs to accuracy", "epochs"),
        StudyColumn("loss_fall_rate", "loss fall % per epoch", "share"),
        StudyColumn("accuracy_sd", "accuracy sd, last 5", "share"),
        StudyColumn("batches_per_s", "batches/s", "rate"),
        StudyColumn("images_per_s", "images/s", "rate"),
        StudyColumn("trained_s", "train s", "seconds"),
        StudyColumn("test_s", "test s", "seconds"),
        StudyColumn("peak_memory_bytes", "memory MiB", "bytes"),
        StudyColumn("num_parameters", "weights", "count"),
        StudyColumn("weights_bytes", "weights MiB", "bytes"),
        StudyColumn("checkpoint_bytes", "checkpoint MiB", "bytes"),
    )
}
"""By name, in the order in which people ask."""
