"""A dataset as lines: sizes, bars and images that say what its files hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from mnist_tui.training.parameters.split_sizes import SplitChoice
from mnist_tui.tui.sessions.dataset_lines import about_lines, bar_lines, count_lines, sample_lines
from mnist_tui.tui.sessions.dataset_survey import Survey, survey_dataset
from mnist_tui.tui.terminal.image_colors import colored, terminal_ink
from mnist_tui.tui.terminal.image_half_blocks import Ink, draw_small
from tests.dataset_files import write_small_dataset

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mnist_tui.tui.text.styled_lines import Line


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """Forty training images, ten of them for validation, and twenty test images."""
    write_small_dataset(tmp_path)
    return survey_dataset(tmp_path, "digits", SplitChoice(validation=12), 3)


def texts(lines: Iterable[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_samples_are_the_first_training_images_of_each_class(survey: Survey) -> None:
    assert survey.samples[0] == (0, 10, 20)
    assert survey.samples[9] == (9, 19)
    assert survey.pixels[:, 5, 5].tolist() == [number for each in survey.samples for number in each]


def test_sizes_are_images_pixels_and_bytes(mnist_dir: Path) -> None:
    choice = SplitChoice(subset=6_000, split="pooled")
    shown = texts(about_lines(survey_dataset(mnist_dir, "mnist", choice, 1)))
    assert "split pooled, subset 6,000" in shown[1]
    assert shown[-3].split() == ["train", "3,600", "2,822,400", "2.69", "10.77"]
    assert shown[-1].split() == ["test", "1,200", "940,800", "0.90", "3.59"]


def test_counts_are_those_of_each_class_and_split(survey: Survey) -> None:
    shown = texts(count_lines(survey))
    assert shown[0].split() == ["CLASS", "TRAIN", "VALIDATION", "TEST"]
    assert shown[1].split() == ["0", "3", "1", "2"]
    assert shown[9].split() == ["8", "2", "2", "2"]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_bars_are_as_long_as_their_class_is_large_and_fit(survey: Survey, width: int) -> None:
    lines = bar_lines(survey, width)
    assert max(map(len, texts(lines))) <= width
    bars = {
        name: [text for text, style in line if style == "bold accent"]
        for name, line in zip("0123456789", lines[1:], strict=True)
    }
    assert bars["0"][0].count("█") == len(bars["0"][0])
    assert bars["8"][0].count("█") == len(bars["8"][0]) * 2 // 3
    assert bars["0"][1].count("█") == len(bars["0"][1]) // 2


def test_a_split_without_images_has_no_bars(tmp_path: Path) -> None:
    write_small_dataset(tmp_path)
    lines = bar_lines(survey_dataset(tmp_path, "digits", SplitChoice(validation=0), 1), 80)
    assert texts(lines)[1].split()[3] == "0"


@pytest.mark.parametrize(("width", "num_lines"), [(40, 80), (80, 80), (170, 40)])
def test_images_stand_beside_the_name_of_their_class(
    survey: Survey, width: int, num_lines: int
) -> None:
    lines = sample_lines(survey, width, partial(draw_small, ink=Ink.GREYS))
    shown = texts(lines)
    assert max(map(len, shown)) <= width
    assert len(shown) == num_lines
    assert shown[1].startswith("0 ")
    greys = [style for _, style in lines[1] if "#" in style]
    assert greys[0] == "on #000000"
    assert greys[1] == "on #111111"


def test_on_a_plain_terminal_greys_are_some_of_256_colours() -> None:
    line = (("name ", "bold"), ("▀", "#ffffff on #888888"), (" ", "on #000000"))
    assert colored(line) == "name \x1b[38;5;231m\x1b[48;5;245m▀\x1b[0m\x1b[48;5;16m \x1b[0m"


def test_a_terminal_that_promises_no_256_colours_gets_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal_ink({"TERM": "xterm"}) is Ink.SHADES
    assert terminal_ink({"TERM": "xterm-256color"}) is Ink.GREYS
    assert terminal_ink({"TERM": "xterm", "COLORTERM": "truecolor"}) is Ink.GREYS
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal_ink({"TERM": "xterm-256color"}) is Ink.SHADES
