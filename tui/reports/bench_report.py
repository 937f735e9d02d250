"""What `bench` prints: figures as tables, and what to set as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.training.benchmark.advice import advise
from mnist_tui.tui.text import formatting
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.text_table import TextColumn, render
from mnist_tui.tui.text.text_writer import prose

if TYPE_CHECKING:
    from mnist_tui.training.benchmark.benchmark_figures import (
        BenchmarkFigures,
        ModelSpeed,
        SessionsSpeed,
    )

MODEL_COLUMNS = (
    TextColumn("MODEL"),
    TextColumn("PRECISION"),
    TextColumn("IMAGES/S", is_right=True),
    TextColumn("BARE LOOP", is_right=True),
    TextColumn("SHARE", is_right=True),
)
SESSION_COLUMNS = (
    TextColumn("SESSIONS", is_right=True),
    TextColumn("THREADS OF EACH", is_right=True),
    TextColumn("IMAGES/S IN ALL", is_right=True),
)
MAX_PROBLEM = 300


def report_lines(figures: BenchmarkFigures, width: int | None) -> list[str]:
    """Return everything that was measured and what to set."""
    return [
        f"{figures.device}, {count_of(figures.cores, 'core')}, batch size {figures.batch_size},"
        " random pixels",
        "",
        *render(MODEL_COLUMNS, list(map(_model_cells, figures.models)), width),
        "",
        f"{figures.model} in fp32, one session or several at once:",
        *render(SESSION_COLUMNS, list(map(_session_cells, _groups(figures))), width),
        "",
        *prose((advice.sentence for advice in advise(figures)), width),
        *_problems(figures),
    ]


def as_plain(figures: BenchmarkFigures) -> dict[str, Any]:
    """Return the same as JSON types."""
    plain: dict[str, Any] = msgspec.to_builtins(figures)
    return plain | {"images": "random", "advice": msgspec.to_builtins(advise(figures))}


def _groups(figures: BenchmarkFigures) -> list[SessionsSpeed]:
    return list(dict.fromkeys((*figures.threads, *figures.parallel)))


def _model_cells(row: ModelSpeed) -> list[str]:
    share = formatting.ABSENT if row.ratio is None else f"{100 * row.ratio:.0f} %"
    return [
        row.model, row.precision, _rate(row.images_per_s), _rate(row.bare_images_per_s), share
    ]  # fmt: skip


def _session_cells(row: SessionsSpeed) -> list[str]:
    return [str(row.sessions), str(row.threads), _rate(row.images_per_s)]


def _problems(figures: BenchmarkFigures) -> list[str]:
    found = [
        f"{row.model} in {row.precision}: {printable(row.problem, MAX_PROBLEM)}."
        for row in figures.models
        if row.problem
    ]
    found += [
        f"{count_of(row.sessions, 'session')} at once: {printable(row.problem, MAX_PROBLEM)}."
        for row in _groups(figures)
        if row.problem
    ]
    return ["", *found] if found else []


def _rate(images_per_s: float | None) -> str:
    return formatting.ABSENT if images_per_s is None else f"{images_per_s:,.0f}"
