"""Throughput of training and evaluation, and the remaining time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 5.0
BUCKET_S = 0.1
WARM_UP_S = 2.0
WARM_UP_BATCHES = 20

EVALUATION_SPEEDUP = 3.0
"""A forward pass is about a third of a training step; used until evaluation has been timed."""


@dataclass
class _Bucket:
    images: int = 0
    duration_s: float = 0.0


@dataclass
class ThroughputMeter:
    """Images per second over the last few seconds of work; idle time is never added."""

    _buckets: deque[_Bucket] = field(default_factory=deque)
    _images: int = 0
    _duration_s: float = 0.0
    _worked_s: float = 0.0
    _num_batches: int = 0

    def add(self, images: int, duration_s: float) -> None:
        """Add one batch; the first one warms up the process and does not count."""
        self._num_batches += 1
        if self._num_batches == 1:
            return
        if not self._buckets or self._buckets[-1].duration_s >= BUCKET_S:
            self._buckets.append(_Bucket())
        self._buckets[-1].images += images
        self._buckets[-1].duration_s += duration_s
        self._images += images
        self._duration_s += duration_s
        self._worked_s += duration_s
        while len(self._buckets) > 1 and self._duration_s - self._buckets[0].duration_s >= WINDOW_S:
            oldest = self._buckets.popleft()
            self._images -= oldest.images
            self._duration_s -= oldest.duration_s

    @property
    def images_per_s(self) -> float | None:
        """The rate; None before 2 s or 20 batches of work."""
        is_warm = self._worked_s >= WARM_UP_S or self._num_batches > WARM_UP_BATCHES
        return self._images / self._duration_s if is_warm and self._duration_s > 0 else None


@dataclass
class Throughput:
    """Separate throughputs of training and evaluation."""

    training: ThroughputMeter = field(default_factory=ThroughputMeter)
    evaluation: ThroughputMeter = field(default_factory=ThroughputMeter)

    def eta_s(self, images_to_train: int, images_to_evaluate: int) -> float | None:
        """Return the remaining seconds of work; None while too little is measured."""
        training = self.training.images_per_s
        evaluation = self.evaluation.images_per_s
        if training is None:
            # Nothing but evaluation may be left after a resume.
            if images_to_train or evaluation is None:
                return None
            return images_to_evaluate / evaluation
        if evaluation is None:
            evaluation = EVALUATION_SPEEDUP * training
        return images_to_train / training + images_to_evaluate / evaluation
