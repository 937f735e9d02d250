"""What is asked of one measurement and what comes of it; plain types that travel to any process."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class MeasurementAsked(Struct, frozen=True, kw_only=True):
    """One session to train on synthetic images for a while."""

    folder: str
    """Where the session's files go; of this measurement alone."""
    data_dir: str
    parameters: dict[str, Any]
    turn_s: float | None
    """Seconds of each turn that session and bare loop take; None for the session alone."""
    seconds: float
    """How long both together are measured; the session alone trains until it is told to stop."""


class TimeSamples(Struct, frozen=True, kw_only=True):
    """How far a session was at which time."""

    times_s: tuple[float, ...]
    """Of `time.monotonic`, which all processes share."""
    images: tuple[int, ...]
    """Trained until then."""

    def images_at(self, time_s: float) -> float:
        """Return the images trained until `time_s`, between two samples along a straight line."""
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
    """Why there are no figures."""


class SessionsSpeed(Struct, frozen=True, kw_only=True):
    """Several sessions of one model at once."""

    sessions: int
    threads: int
    """Of each."""
    images_per_s: float | None = None
    """Of all together."""
    problem: str | None = None


class BenchmarkFigures(Struct, frozen=True, kw_only=True):
    """Everything that was measured."""

    device: str
    cores: int
    model: str
    """The one whose sessions were measured with other threads and in parallel."""
    batch_size: int
    models: tuple[ModelSpeed, ...]
    threads: tuple[SessionsSpeed, ...]
    """One session with more and more threads; empty where a GPU computes."""
    parallel: tuple[SessionsSpeed, ...]
    """More and more sessions, which share the cores."""
