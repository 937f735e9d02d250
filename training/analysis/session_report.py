"""Report data of one session, read from disk without a supervisor."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mnist_tui.storage.errors import StorageError
from mnist_tui.storage.results.evaluations import newest_evaluation, read_predictions
from mnist_tui.training.analysis.stored_results import StoredResults
from mnist_tui.training.parameters.hyperparameters import FIELDS, ParameterError, to_plain
from mnist_tui.training.parameters.resolution import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnist_tui.storage.home import Home
    from mnist_tui.storage.records import SessionRecord
    from mnist_tui.storage.results.evaluations import Evaluation, Predictions
    from mnist_tui.training.analysis.comparison_metrics import Measured


DECIDES_DEFAULTS = ("dataset", "model", "optimizer")
"""Parameters that decide the defaults of others."""
ALWAYS_NAMED = ("seed", "device", "threads")
"""Parameters that affect results and that another machine would choose differently."""
MAX_MISTAKES = 24
"""Number that a report shows."""


class Mistake(NamedTuple):
    """One misclassified image."""

    image: int
    """Its number in the dataset's files: training images first."""
    true: int
    predicted: int
    confidence: float
    """The probability of the predicted class, 0..1."""
    true_probability: float
    """The probability of the true class, 0..1."""


@dataclass(frozen=True)
class SessionReport:
    """Content of a report on one session."""

    measured: Measured
    command: str
    """Command that repeats the training."""
    evaluation: Evaluation | None = None
    """The newest one, or None."""
    mistakes: tuple[Mistake, ...] = ()
    """The most confident ones."""
    pixels: tuple[bytes, ...] = ()
    """28×28 grey values of each mistake, row by row; empty if they cannot be read."""
    trouble: str = ""
    """Sentence on problems with the evaluation's files; empty if there are none."""

    @property
    def record(self) -> SessionRecord:
        """The session's record."""
        return self.measured.record

    @property
    def num_mistakes(self) -> int:
        """Number of misclassified images."""
        if self.evaluation is None:
            return 0
        return self.evaluation.num_images - sum(
            row[place] for place, row in enumerate(self.evaluation.confusion)
        )


def read_report(home: Home, record: SessionRecord) -> SessionReport:
    """Return the report data of a session.

    Raises:
        StorageError: Its metrics or history cannot be read; problems with an
            evaluation are part of the report.
    """
    measured = StoredResults(home, record.id).read(record)
    command = reproduce_command(record.parameters)
    folder = home.session(record.id)
    evaluation = newest_evaluation(folder)
    if evaluation is None:
        return SessionReport(measured, command)
    mistakes: tuple[Mistake, ...] = ()
    try:
        mistakes = confident_mistakes(read_predictions(folder, evaluation))
        pixels = _pixels(record, evaluation.dataset, mistakes)
    except StorageError as error:
        return SessionReport(measured, command, evaluation, mistakes, trouble=str(error))
    return SessionReport(measured, command, evaluation, mistakes, pixels)


def _pixels(record: SessionRecord, dataset: str, mistakes: Sequence[Mistake]) -> tuple[bytes, ...]:
    from mnist_tui.storage.datasets.pixels import read_pixels  # noqa: PLC0415 — maps the dataset; only for images

    images = [mistake.image for mistake in mistakes]
    return tuple(each.tobytes() for each in read_pixels(Path(record.data_dir), dataset, images))


def confident_mistakes(predictions: Predictions, most: int = MAX_MISTAKES) -> tuple[Mistake, ...]:
    """Return at most `most` mistakes, by falling confidence; equal ones by the image's number."""
    probabilities, labels = predictions.probabilities, predictions.labels
    predicted = probabilities.argmax(axis=1)
    places = (predicted != labels).nonzero()[0].tolist()
    mistakes = [
        Mistake(
            image=int(predictions.images[place]),
            true=int(labels[place]),
            predicted=int(predicted[place]),
            confidence=_finite(float(probabilities[place, predicted[place]])),
            true_probability=_finite(float(probabilities[place, labels[place]])),
        )
        for place in places
    ]
    return tuple(sorted(mistakes, key=lambda mistake: (-mistake.confidence, mistake.image))[:most])


def _finite(probability: float) -> float:
    """Return a probability, 0 for that of a model whose weights are not finite."""
    return probability if math.isfinite(probability) else 0.0


def reproduce_command(parameters: Mapping[str, Any]) -> str:
    """Return `mnist-tui new` with every parameter that is not default, ready for a shell.

    Args:
        parameters: Those of a session, complete, as plain types.
    """
    defaults = _defaults(parameters)
    words = ["mnist-tui", "new"]
    for name, field in FIELDS.items():
        value = parameters.get(name)
        if value is None or (name not in ALWAYS_NAMED and _same(value, defaults.get(name))):
            continue
        words += [f"--{name.replace('_', '-')}", field.show(value)]
    return shlex.join(words)


def _defaults(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the defaults that `new` would take; empty for an unknown model."""
    given = {name: parameters[name] for name in DECIDES_DEFAULTS if name in parameters}
    try:
        defaults = to_plain(resolve(given, sizes={}, default_threads=1))
    except ParameterError:
        return {}
    return defaults | {name: FIELDS[name].default for name in DECIDES_DEFAULTS}


def _same(value: Any, default: Any) -> bool:
    # Lists of numbers are tuples until they are stored.
    return value == default or (isinstance(value, list | tuple) and list(value) == _listed(default))


def _listed(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, list | tuple) else None
