"""Orders and figures of measurements; plain types that travel to any process."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class MeasurementOrder(Struct, frozen=True, kw_only=True):
    """One session to train on synthetic images for a while."""

    folder: str
    """A folder of this measurement alone, for the session's files."""
    data_dir: str
    parameters: dict[str, Any]
    turn_s: float | None
    """Seconds of each turn that session and bare loop take; None for the session alone."""
    seconds: float
    """Duration of both together; a session alone trains until it is stopped."""


class TimeSamples(Struct, frozen=True, kw_only=True):
    """Progress of a session over time."""

    times_s: tuple[float, ...]
    """From `time.monotonic`, which all processes share."""
    images: tuple[int, ...]
    """Trained until then."""

    def images_at(self, time_s: float) -> float:
        """Return the images trained until `time_s`, interpolated linearly."""
        if time_s <= self.times_s[0]:
            return float(self.images[0])
        points = zip(self.times_s, self.images, strict=True)
        before, done = next(points)
        for now, images in points:
            if now >= time_s:
                return done + (images - done) * (time_s - before) / (now - before)
            before, done = now, images
        return float(done)


class ModelSpeed(Struct, frozen=True, kw_only=True):
    """One model in one precision, alone on the machine, beside the bare loop."""

    model: str
    precision: str
    threads: int
    images_per_s: float | None = None
    bare_images_per_s: float | None = None
    ratio: float | None = None
    """Session ÷ bare loop, the median of turns that alternated."""
    problem: str | None = None
    """Reason if there are no figures."""


class SessionsSpeed(Struct, frozen=True, kw_only=True):
    """Several sessions of one model at once."""

    sessions: int
    threads: int
    """Of each session."""
    images_per_s: float | None = None
    """Of all sessions together."""
    problem: str | None = None


class BenchmarkFigures(Struct, frozen=True, kw_only=True):
    """All figures of a benchmark."""

    device: str
    cores: int
    model: str
    """The model of `threads` and `parallel`."""
    batch_size: int
    models: tuple[ModelSpeed, ...]
    threads: tuple[SessionsSpeed, ...]
    """One session with more and more threads; empty on a GPU."""
    parallel: tuple[SessionsSpeed, ...]
    """More and more sessions, which share the cores."""
