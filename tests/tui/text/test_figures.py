"""Figures: one rounding and unit each, wherever they are shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.training.studies.study_columns import COLUMNS
from mnist_tui.tui.text.figures import FIGURES, FRACTION, Kind, phrase


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
