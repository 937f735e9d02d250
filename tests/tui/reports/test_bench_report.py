"""Output of `bench` for complete and incomplete figures."""

from __future__ import annotations

from mnist_tui.training.benchmark.benchmark_figures import (
    BenchmarkFigures,
    ModelSpeed,
    SessionsSpeed,
)
from mnist_tui.tui.reports.bench_report import as_plain, report_lines

ALONE = SessionsSpeed(sessions=1, threads=2, images_per_s=10_000.4)
FIGURES = BenchmarkFigures(
    device="cpu",
    cores=2,
    model="cnn",
    batch_size=64,
    models=(
        ModelSpeed(
            model="cnn",
            precision="fp32",
            threads=2,
            images_per_s=9_900.0,
            bare_images_per_s=10_000.0,
            ratio=0.99,
        ),
        ModelSpeed(model="cnn", precision="bf16", threads=2, problem="out of \x1b[31mmemory"),
    ),
    threads=(SessionsSpeed(sessions=1, threads=1, images_per_s=7_000.0), ALONE),
    parallel=(ALONE, SessionsSpeed(sessions=2, threads=1, problem="no process could be started")),
)


def test_models_stand_beside_the_bare_loop() -> None:
    lines = report_lines(FIGURES, None)
    (row,) = [line for line in lines if line.startswith("cnn    fp32")]
    assert row.split() == ["cnn", "fp32", "9,900", "10,000", "99"]


def test_a_number_of_sessions_and_threads_is_told_once() -> None:
    rows = [line.split() for line in report_lines(FIGURES, None)]
    assert rows.count(["1", "2", "10,000"]) == 1


def test_what_has_no_figures_says_why_and_cannot_steer_the_terminal() -> None:
    lines = report_lines(FIGURES, None)
    assert any(line.startswith("cnn in bf16: out of") for line in lines)
    assert "2 sessions at once: no process could be started." in lines
    assert not any("\x1b" in line for line in lines)


def test_json_has_every_figure_and_what_to_set() -> None:
    plain = as_plain(FIGURES)
    assert plain["models"][0]["ratio"] == 0.99
    assert plain["models"][1]["images_per_s"] is None
    assert [advice["setting"] for advice in plain["advice"]] == ["slots", "threads"]


def test_sentences_break_between_words() -> None:
    lines, whole = report_lines(FIGURES, 60), report_lines(FIGURES, None)
    sentence = next(line for line in whole if line.startswith("Threads: "))
    start = next(number for number, line in enumerate(lines) if line.startswith("Threads: "))
    end = start + 1
    while len(" ".join(lines[start:end])) < len(sentence):
        end += 1
    assert end > start + 1
    assert " ".join(lines[start:end]) == sentence
    assert all(len(line) <= 60 for line in lines[start:end])
