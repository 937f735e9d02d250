"""Figures: one rounding and unit each, wherever they are shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.tui.text.figures import (
    AREA,
    BYTES,
    COUNT,
    EPOCHS,
    FIGURES,
    FRACTION,
    LOSS,
    RATE,
    SECONDS,
    SHARE,
    SMALL,
    Kind,
    phrase,
)


@example((9_409, 10_000))
@example((9_999, 10_000))
@example((59_999, 60_000))
@given(
    st.integers(1, 1_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)  # fmt: skip
def test_an_accuracy_of_k_in_n_is_rounded_down_to_hundredths_of_a_per_cent(
    counts: tuple[int, int],
) -> None:
    right, total = counts
    hundredths = 10_000 * right // total
    text = FRACTION.text(right / total)
    assert text == ("100.0" if right == total else f"{hundredths // 100}.{hundredths % 100:02d}")
    # A chart holds per cent, and the sum of counts may have been divided by a mean before.
    assert FRACTION.text(100 * (right / total) / 100) == text


@pytest.mark.parametrize("kind", [column.kind for column in FIGURES.values()])
def test_absent_figures_are_a_dash_without_a_unit(kind: Kind) -> None:
    assert kind.with_unit(None) == kind.with_unit(math.nan) == "–"


def test_every_metric_of_comparisons_and_studies_is_a_figure() -> None:
    assert {*COLUMNS, *(metric.name for metric in METRICS)} <= set(FIGURES)


def test_headings_end_with_the_unit_that_values_are_written_without() -> None:
    for column in FIGURES.values():
        if column.kind.unit == "%":
            assert "%" in column.head, column.name


def test_a_figure_in_prose_has_its_label_and_unit() -> None:
    assert phrase("test_accuracy", 0.9409) == "test accuracy 94.09 %"
    assert phrase("val_loss", 0.05, "loss") == "loss 0.0500"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (FRACTION, 0.99999, "99.99"),
        (SHARE, -0.025, "-2.50"),
        (SHARE, -0.004, "-0.40"),
        (SHARE, -0.00001, "0.00"),
        (LOSS, -0.3428, "-0.3428"),
        (LOSS, 123.456, "123.46"),
        (SMALL, 0.013413, "0.01341"),
        (AREA, 0.89999, "0.8999"),
        (EPOCHS, 3.0, "3"),
        (EPOCHS, 3.25, "3.25"),
        (SECONDS, 0.23, "0.23s"),
        (SECONDS, 42.24, "42.2s"),
        (SECONDS, 130.0, "2m10"),
        (RATE, 28.34, "28.3"),
        (RATE, 12345.6, "12,346"),
        (BYTES, 2_820_000, "2.8 MB"),
        (COUNT, 25_616_458, "25,616,458"),
        (LOSS, None, "–"),
    ],
)
def test_a_figure_has_the_decimals_of_its_kind(kind: Kind, value: float | None, text: str) -> None:
    assert kind.text(value) == text


@pytest.mark.parametrize(
    ("kind", "difference", "base", "text"),
    [
        (FRACTION, 0.0042, 0.9, "+0.42"),
        (FRACTION, -0.0410, 0.9, "-4.10"),
        (FRACTION, 0.00001, 0.9, "="),
        (LOSS, -0.1237, 0.5, "-0.1237"),
        (LOSS, 12.34, 0.5, "+12.3"),
        (SMALL, 0.00002, 0.01, "="),
        (EPOCHS, 2.0, 1.0, "+2"),
        (SECONDS, -75.0, 100.0, "-1m15"),
        (RATE, 50.0, 100.0, "+50%"),
        (RATE, 0.1, 100.0, "="),
        (COUNT, 1_100_000, 100_000, "×12"),
        (BYTES, -50, 100, "-50%"),
        (BYTES, 50, 0, ""),
        (LOSS, None, 0.5, ""),
    ],
)
def test_a_difference_has_a_sign_and_at_most_seven_characters(
    kind: Kind, difference: float | None, base: float, text: str
) -> None:
    assert kind.difference_text(difference, base) == text
    assert len(text) <= 7
