"""Columns of a study's table, by name, and the units of published figures; no numpy.

`training.studies.study_results` measures them. Definitions give published figures in the units that
papers print, and they are kept in ours: fractions of 1, seconds, bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PublishedUnit = Literal["per cent", "MiB", "seconds", "plain numbers"]

_FACTORS: dict[PublishedUnit, float] = {"per cent": 0.01, "MiB": 1024**2}
"""Factors that convert a published figure to our unit; 1 for the others."""


@dataclass(frozen=True)
class StudyColumn:
    """One column; `tui.text.figures` has its heading."""

    name: str
    """Its name in definitions and JSON."""
    unit: PublishedUnit = "plain numbers"
    """The unit of published figures."""

    def read_published(self, figure: object) -> float:
        """Return a figure of a definition in our unit: a fraction of 1, bytes, seconds.

        Raises:
            ValueError: It is no number in the expected unit and range; the message names both.
        """
        if isinstance(figure, bool) or not isinstance(figure, int | float):
            raise ValueError(f"needs a number in {self.unit}, not {str(figure)[:40]!r}")
        if not 0 <= figure < float("inf"):
            raise ValueError(f"needs a number from 0 on, not {figure:g}")
        is_accuracy = self.unit == "per cent" and self.name.endswith("_accuracy")
        if is_accuracy and figure > 100:
            raise ValueError(f"is in per cent, so {figure:g} is too large")
        if is_accuracy and 0 < figure <= 1:
            raise ValueError(f"is in per cent: write {100 * figure:g}, not {figure:g}")
        return figure * _FACTORS.get(self.unit, 1)


COLUMNS: dict[str, StudyColumn] = {
    column.name: column
    for column in (
        StudyColumn("test_accuracy", "per cent"),
        StudyColumn("val_accuracy", "per cent"),
        StudyColumn("train_accuracy", "per cent"),
        StudyColumn("test_loss"),
        StudyColumn("val_loss"),
        StudyColumn("train_loss"),
        StudyColumn("test_mse"),
        StudyColumn("ece", "per cent"),
        StudyColumn("epochs_to_accuracy"),
        StudyColumn("loss_fall_rate", "per cent"),
        StudyColumn("accuracy_sd", "per cent"),
        StudyColumn("batches_per_s"),
        StudyColumn("images_per_s"),
        StudyColumn("trained_s", "seconds"),
        StudyColumn("test_s", "seconds"),
        StudyColumn("peak_memory_bytes", "MiB"),
        StudyColumn("num_parameters"),
        StudyColumn("weights_bytes", "MiB"),
        StudyColumn("checkpoint_bytes", "MiB"),
    )
}
"""By name; scores first, then convergence, speed and sizes."""
