"""Recorder of a model's answers: to some images after an epoch, to the test set at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnist_tui.storage.results.evaluations import FINAL
from mnist_tui.training.engine.training_state import Phase
from mnist_tui.training.evaluation.evaluation_results import answer_fixed_images, build_evaluation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnist_tui.storage.records import MetricRow
    from mnist_tui.training.engine.loop import TrainingLoop

SAMPLES_INTERVAL_S = 1.0
"""Shorter epochs share their samples, because small sessions have many epochs."""


class AnswerRecorder:
    """Hook that sends the answers to the sink; it changes neither weights nor random state."""

    def __init__(self, loop: TrainingLoop) -> None:
        """Attach to a training."""
        self._run = loop.run
        self._sink = loop.sink
        self._clock = loop.clock
        self._sampled_at = loop.clock() - SAMPLES_INTERVAL_S
        self._test_s = 0.0
        loop.units[Phase.TEST] = self._timed(loop.units[Phase.TEST])
        loop.on_rows.append(self._record)

    def _timed(self, unit: Callable[[], list[MetricRow]]) -> Callable[[], list[MetricRow]]:
        def timed() -> list[MetricRow]:
            started_at = self._clock()
            rows = unit()
            self._test_s += self._clock() - started_at
            return rows

        return timed

    def _record(self, phase: Phase, rows: Sequence[MetricRow]) -> None:
        if phase is Phase.TEST:
            self._record_evaluation()
        elif rows[-1].epoch.is_integer() and self._run.phase is not Phase.VALIDATE:
            self._record_samples()

    def _record_evaluation(self) -> None:
        run = self._run
        assert run.test_probabilities is not None, "the test set was scored just now"
        self._sink.evaluation(
            *build_evaluation(
                run,
                run.newest["test"],
                run.test_probabilities,
                test_s=self._test_s,
                reason=FINAL,
                generation=run.generation,
            )
        )

    def _record_samples(self) -> None:
        now = self._clock()
        is_last = self._run.phase is Phase.TEST
        if is_last or now - self._sampled_at >= SAMPLES_INTERVAL_S:
            self._sampled_at = now
            self._sink.samples(answer_fixed_images(self._run))
