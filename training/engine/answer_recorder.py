"""When a training hands on what its model answers: some images after an epoch, all at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.results.evaluations import FINAL
from mnist_tui.training.engine.evaluation_results import evaluation_of, samples_of
from mnist_tui.training.engine.training_state import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import MetricRow
    from mnist_tui.training.engine.interfaces import Sink
    from mnist_tui.training.engine.training_state import TrainingState

SAMPLES_INTERVAL_S = 1.0
"""Shorter epochs share their samples: nobody sees more, and small sessions have many epochs."""


class AnswerRecorder:
    """Hands the sink what the model answers; neither weights nor random state change by it."""

    def __init__(self, run: TrainingState, sink: Sink, clock: Callable[[], float]) -> None:
        self._run = run
        self._sink = sink
        self._clock = clock
        self._sampled_at = clock() - SAMPLES_INTERVAL_S
        self._scored_s = 0.0
        """Seconds that the evaluation under way has taken."""

    def took(self, seconds: float) -> None:
        """Take what one chunk of an evaluation has taken."""
        self._scored_s += seconds

    def keep(self, phase: Phase, rows: Sequence[MetricRow]) -> None:
        """Hand on the answers behind `rows`, which a unit of `phase` has completed."""
        scored_s, self._scored_s = self._scored_s, 0.0
        if phase is Phase.TEST:
            self._keep_all(scored_s)
        elif rows[-1].epoch.is_integer() and self._run.phase is not Phase.VALIDATE:
            self._keep_samples()

    def _keep_all(self, test_s: float) -> None:
        run = self._run
        assert run.test_probabilities is not None, "the test set was scored just now"
        self._sink.evaluation(
            *evaluation_of(
                run,
                run.newest["test"],
                run.test_probabilities,
                test_s=test_s,
                reason=FINAL,
                generation=run.generation,
            )
        )

    def _keep_samples(self) -> None:
        now = self._clock()
        is_last = self._run.phase is Phase.TEST
        if is_last or now - self._sampled_at >= SAMPLES_INTERVAL_S:
            self._sampled_at = now
            self._sink.samples(samples_of(self._run))
