"""Figures: the name, heading, unit, rounding and width of everything that is counted or measured.

A `Kind` defines how values are written; a `Column` names a figure in a table or a list of facts.
`FIGURES` has a column for each figure of the program, so that an accuracy has the same decimals on
every screen, in every command and in every report.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.formatting import ABSENT, MIB
from mnist_tui.tui.text.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float | bool | None
"""A value as it is stored; None and NaN are absent."""

MAX_TEXT = 200
"""Characters of a text in a table."""
NO_DIFFERENCE = "="
MANY_TIMES = 10.0
"""Ratio from which a relative difference is written as a factor."""


class Kind(NamedTuple):
    """The type of a figure: how its values are written."""

    write: Callable[[Any], str]
    """Returns the text of a value that is present; inert, of one line."""
    unit: str = ""
    """Stands in the heading, or behind the text; empty if `write` adds it."""
    is_right: bool = True
    """True if texts are aligned on the right, as numbers are."""
    width: int = 0
    """Cells that texts take at most; 0 for no limit."""
    difference: Callable[[float], str] | None = None
    """Returns the text of an absolute difference; None for differences in per cent."""
    absent: str = ABSENT
    """The text of an absent value."""

    def text(self, value: Any) -> str:
        """Return a value without its unit."""
        # NaN alone differs from itself; this takes a tenth of the time of `isnan`.
        return self.absent if value is None or value != value else self.write(value)

    def with_unit(self, value: Value) -> str:
        """Return a value and its unit, such as 94.09 %."""
        text = self.text(value)
        return f"{text} {self.unit}" if self.unit and text != self.absent else text

    def difference_text(self, difference: float | None, base: float | None) -> str:
        """Return a difference with its sign, in at most seven characters; empty for none.

        Args:
            difference: A value minus the value that it is compared with.
            base: The latter, for kinds whose differences are relative.
        """
        if difference is None or base is None:
            return ""
        if self.difference is None:
            return _relative(difference, base)
        text = self.difference(abs(difference))
        if not any(digit in text for digit in "123456789"):
            return NO_DIFFERENCE
        return f"{'+' if difference > 0 else '-'}{text}"


def _relative(difference: float, base: float) -> str:
    if not base:
        return ""
    ratio = 1 + difference / base
    if ratio >= MANY_TIMES:
        return f"×{ratio:.0f}"
    text = f"{ratio - 1:+.0%}"
    return NO_DIFFERENCE if text in ("+0%", "-0%") else text


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return printable(value, 10_000)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


TEXT = Kind(partial(printable, limit=MAX_TEXT), is_right=False)
LONG_TEXT = Kind(partial(printable, limit=10_000), is_right=False)
PLAIN = Kind(_plain)
"""Identifiers, and values that nothing else is known of."""
YES_NO = Kind(lambda value: "yes" if value else "no", is_right=False)
COUNT = Kind(lambda value: f"{value:,.0f}")
FRACTION = Kind(formatting.percent, "%", width=5, difference=formatting.points)
"""An accuracy in 0..1, rounded down."""
SHARE = Kind(formatting.points, "%", width=6, difference=formatting.points)
"""Any other part of a whole, in 0..1."""
WHOLE_SHARE = Kind(lambda value: f"{100 * value:.0f}", "%", width=3)
LOSS = Kind(
    formatting.loss,
    width=7,
    difference=lambda value: f"{value:.4f}" if value < 10 else f"{value:.3g}",
)
SMALL = Kind(lambda value: f"{value:.5f}", width=7, difference=lambda value: f"{value:.4f}")
AREA = Kind(formatting.area, width=6, difference=lambda value: f"{value:.4f}")
"""An area under a ROC curve, 0..1, rounded down."""
EPOCH = Kind(lambda value: f"{value:.2f}", width=7, difference=formatting.trimmed)
"""A place in a training, in epochs."""
NUMBER = Kind(formatting.trimmed)
"""A number that may have decimals."""
EPOCHS = Kind(formatting.trimmed, width=7, difference=formatting.trimmed)
SECONDS = Kind(formatting.seconds, width=7, difference=formatting.seconds)
"""A measured time."""
DURATION = Kind(formatting.duration, width=6)
"""A time in whole seconds, such as the time left."""
MILLISECONDS = Kind(lambda value: f"{1000 * value:,.3f}", "ms")
"""A value in seconds, written in milliseconds."""
RATE = Kind(formatting.rate, width=7)
BYTES = Kind(formatting.num_bytes, width=8)
SIGNED_BYTES = Kind(formatting.signed_bytes, width=9)
MEBIBYTES = Kind(lambda value: f"{value / MIB:.2f}", "MiB")
"""A value in bytes, written in MiB."""
MEMORY = Kind(formatting.memory, width=8)
TEMPERATURE = Kind(lambda value: f"{value:.0f}", "°C", width=5)
WATTS = Kind(lambda value: f"{value:.0f}", "W", width=4)
CORES = Kind(lambda value: f"{value:.2f}", width=5)
TIME = Kind(formatting.moment, "UTC", is_right=False, width=19)
"""A stored time, ISO 8601 in UTC."""
GIB = Kind(formatting.gib, "GiB")
OF_GIB = Kind(lambda value: f"/ {formatting.total_gib(value)}", is_right=False)
"""The size of a memory, behind what of it is used."""
OF_WATTS = Kind(lambda value: f"/ {value:.0f}", is_right=False)
FACTOR = Kind(lambda value: f"{value:g}")
"""A setting such as a learning rate, with as many digits as it has."""
EXACT_BYTES = Kind(lambda value: f"{formatting.num_bytes(value)} ({value:,} bytes)")


class Column(NamedTuple):
    """A figure or a text by name: a column of a table, a row of a list of facts."""

    name: str
    """Its key in JSON and CSV."""
    kind: Kind = TEXT
    heading: str | None = None
    """Its heading in a terminal, with the unit; by default the name in capitals."""
    label: str = ""
    """Its label in prose, without the unit; by default the name."""
    drop: int = 0
    """Columns with the greatest number are left out first if there is no room; 0 stays."""
    min_width: int = 0
    """Cells to which texts may be cut if there is no room; 0 leaves them whole."""
    is_wrapped: bool = False
    """True if, as the last column, it breaks between words if there is no room."""
    is_joined: bool = False
    """True if it stands one blank behind the column before it, below the heading of that."""

    @property
    def title(self) -> str:
        """The label with its unit, as a heading of a table in a report."""
        unit = self.kind.unit
        if unit and unit != "%":
            unit = f"({unit})"
        return f"{self.word} {unit}".rstrip()

    @property
    def word(self) -> str:
        """The label, or what the name says."""
        return self.label or self.name.replace("_", " ")

    @property
    def head(self) -> str:
        """The heading in a terminal."""
        return self.name.replace("_", " ").upper() if self.heading is None else self.heading

    def text(self, value: Value) -> str:
        """Return a value without its unit."""
        return self.kind.text(value)


FIGURES: dict[str, Column] = {
    column.name: column
    for column in (
        Column("id", PLAIN, label="session"),
        Column("name", min_width=12),
        Column("state"),
        Column("cause", drop=8, heading="WHY", min_width=20),
        Column("model", drop=4),
        Column("dataset", drop=5, heading="DATA"),
        Column("device", drop=7),
        Column("session", PLAIN, "ID", "session"),
        Column("gpus", heading="ON"),
        Column("tags", drop=8),
        Column("note", drop=9, min_width=12),
        Column("epoch", EPOCH),
        Column("epochs", TEXT._replace(is_right=True), "EPOCH", "epochs"),
        Column("epochs_done", EPOCHS, "EPOCHS", "epochs done"),
        Column("step", COUNT),
        Column("learning_rate", FACTOR, "RATE", "learning rate"),
        Column("progress", SHARE, "DONE %", "progress"),
        # Scores.
        Column("train_loss", LOSS, "LOSS", "training loss"),
        Column("train_accuracy", FRACTION, "ACC %", "training accuracy"),
        Column("train_loss_best", LOSS, "BEST LOSS", "best training loss"),
        Column("train_accuracy_best", FRACTION, "BEST ACC %", "best training accuracy"),
        Column("train_mse", SMALL, "MSE", "training MSE"),
        Column("val_loss", LOSS, "VAL LOSS", "validation loss"),
        Column("val_accuracy", FRACTION, "VAL %", "validation accuracy"),
        Column("val_loss_best", LOSS, "BEST VAL LOSS", "best validation loss"),
        Column("val_accuracy_best", FRACTION, "BEST %", "best validation accuracy"),
        Column("val_accuracy_best_epoch", EPOCHS, "BEST AT", "best validation accuracy at epoch"),
        Column("val_mse", SMALL, "VAL MSE", "validation MSE"),
        Column("test_loss", LOSS, "TEST LOSS", "test loss"),
        Column("test_accuracy", FRACTION, "TEST %", "test accuracy"),
        Column("test_mse", SMALL, "TEST MSE", "test MSE"),
        Column("loss", LOSS),
        Column("accuracy", FRACTION, "ACC %"),
        Column("mse", SMALL, "MSE", "MSE"),
        Column("precision", FRACTION, "PRECISION %"),
        Column("recall", FRACTION, "RECALL %"),
        Column("f1", FRACTION, "F1 %", "F1"),
        Column("support", COUNT, "IMAGES", "images"),
        Column("ece", SHARE, "ECE %", "calibration error (ECE)"),
        Column("test_ece", SHARE, "ECE %", "calibration error"),
        Column("outlier_auroc", AREA, "AUROC", "outlier AUROC"),
        Column("auroc_softmax", AREA, "AUROC SOFTMAX", "AUROC of the greatest probability"),
        Column("auroc_energy", AREA, "ENERGY", "AUROC of the energy score"),
        Column("mean_max_softmax", FRACTION, "MEAN MAX %", "mean greatest probability"),
        # Convergence and stability.
        Column("accuracy_gap", SHARE, "GAP %", "train − validation"),
        Column("epochs_to_accuracy", EPOCHS, label="epochs to accuracy"),
        Column("seconds_to_accuracy", SECONDS, "TIME TO ACCURACY", "time to accuracy"),
        Column("loss_fall_per_epoch", LOSS, label="loss fall per epoch"),
        Column("loss_fall_rate", SHARE, "LOSS FALL % PER EPOCH", "loss fall per epoch"),
        Column("accuracy_sd", SHARE, "ACCURACY SD %, LAST 5", "accuracy sd, last 5"),
        Column("loss_sd", LOSS, "LOSS SD, LAST 5", "loss sd, last 5"),
        # Speed.
        Column("images_per_s", RATE, "IMG/S", "images/s", drop=6),
        Column("batches_per_s", RATE, "BATCHES/S", "batches/s"),
        Column("eta_s", DURATION, "ETA", "time left", drop=2),
        Column("seconds_per_epoch", SECONDS, "TIME PER EPOCH", "time per epoch"),
        Column("trained_s", SECONDS, "TRAINED", "training time"),
        Column("training_s", SECONDS, "TRAINED", "training time"),
        Column("test_s", SECONDS, "TESTED", "test time"),
        # Sizes.
        Column("num_parameters", COUNT, "WEIGHTS", "weights"),
        Column("num_images", COUNT, "IMAGES", "images"),
        Column("num_bytes", BYTES, "SIZE", "size"),
        Column("weights_bytes", BYTES, "WEIGHTS", "model file"),
        Column("checkpoint_bytes", BYTES, "CHECKPOINT", "checkpoint"),
        Column("peak_memory_bytes", BYTES, "PEAK MEMORY", "peak memory"),
        # Times.
        Column("created_at", TIME, "CREATED (UTC)", "created"),
        Column("started_at", TIME, "STARTED (UTC)", "started"),
        Column("ended_at", TIME, "ENDED (UTC)", "ended"),
        # Devices.
        Column("utilization", WHOLE_SHARE, "USE %", "use"),
        Column("temperature_c", TEMPERATURE, "°C", "temperature"),
        Column("power_w", WATTS, "W", "power"),
        Column("power_limit_w", OF_WATTS, label="power limit", is_joined=True),
        Column("cpu_cores", CORES, "CORES", "cores"),
        Column("memory_bytes", MEMORY, "MEMORY", "memory"),
        Column("gpu_memory_bytes", MEMORY, "GPU MEMORY", "GPU memory"),
        Column("memory_used_bytes", GIB, "MEMORY GiB", "memory used"),
        Column("memory_total_bytes", OF_GIB, label="of", is_joined=True),
    )
}
"""Every figure with a name of its own; other columns are made where they are shown."""


def columns(*names: str) -> tuple[Column, ...]:
    """Return the columns of these names; one that is no figure has a `PLAIN` kind."""
    return tuple(FIGURES.get(name) or Column(name, PLAIN) for name in names)


def text_of(name: str, value: Value) -> str:
    """Return the value of a figure without its unit."""
    return FIGURES[name].kind.text(value)


def phrase(name: str, value: Value, word: str = "") -> str:
    """Return a figure with its label and unit, such as `test accuracy 94.09 %`.

    Args:
        name: One of `FIGURES`.
        value: Its value.
        word: The label in its place, if the context says the rest.
    """
    column = FIGURES[name]
    return f"{word or column.word} {column.kind.with_unit(value)}"
