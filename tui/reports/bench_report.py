"""Report of `bench`: figures as tables, and what to set as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mnist_tui.training.benchmark.advice import advise
from mnist_tui.tui.text.figures import PLAIN, RATE, WHOLE_SHARE, Column
from mnist_tui.tui.text.formatting import count_of
from mnist_tui.tui.text.sanitize import printable
from mnist_tui.tui.text.table import Section, Table
from mnist_tui.tui.text.text_writer import page_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnist_tui.training.benchmark.benchmark_figures import BenchmarkFigures, SessionsSpeed

MODEL_COLUMNS = (
    Column("model"),
    Column("precision"),
    Column("images_per_s", RATE, "IMAGES/S"),
    Column("bare_images_per_s", RATE, "BARE LOOP"),
    Column("ratio", WHOLE_SHARE, "SHARE %"),
)
SESSION_COLUMNS = (
    Column("sessions", PLAIN),
    Column("threads", PLAIN, "THREADS OF EACH"),
    Column("images_per_s", RATE, "IMAGES/S IN ALL"),
)
MAX_PROBLEM = 300


def report_lines(figures: BenchmarkFigures, width: int | None) -> list[str]:
    """Return everything that was measured and what to set."""
    setting = (
        f"{figures.device}, {count_of(figures.cores, 'core')}, batch size {figures.batch_size},"
        " random pixels"
    )
    models = Table(
        "Networks",
        MODEL_COLUMNS,
        [tuple(getattr(row, column.name) for column in MODEL_COLUMNS) for row in figures.models],
    )
    sessions = Table(
        "Sessions",
        SESSION_COLUMNS,
        [
            tuple(getattr(row, column.name) for column in SESSION_COLUMNS)
            for row in _groups(figures)
        ],
    )
    sections = [
        Section("", (setting,)),
        Section("", (models,)),
        Section("", (f"{figures.model} in fp32, one session or several at once:", sessions)),
        Section("", tuple(advice.sentence for advice in advise(figures))),
        Section("", tuple(_problems(figures))),
    ]
    return page_text([section for section in sections if section.blocks], width)


def as_plain(figures: BenchmarkFigures) -> dict[str, Any]:
    """Return the same as JSON types."""
    plain: dict[str, Any] = msgspec.to_builtins(figures)
    return plain | {"images": "random", "advice": msgspec.to_builtins(advise(figures))}


def _groups(figures: BenchmarkFigures) -> list[SessionsSpeed]:
    return list(dict.fromkeys((*figures.threads, *figures.parallel)))


def _problems(figures: BenchmarkFigures) -> Iterator[str]:
    for model in figures.models:
        if model.problem:
            problem = printable(model.problem, MAX_PROBLEM)
            yield f"{model.model} in {model.precision}: {problem}."
    for group in _groups(figures):
        if group.problem:
            problem = printable(group.problem, MAX_PROBLEM)
            yield f"{count_of(group.sessions, 'session')} at once: {problem}."
