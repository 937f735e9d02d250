"""A comparison as one table: its rows, values, differences and marks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mnist_tui.training.analysis.comparison import compare_sessions
from mnist_tui.training.analysis.comparison_metrics import METRICS
from mnist_tui.tui.reports.comparison_report import (
    comparison_table,
    measure_label,
    measure_meanings,
    measured_rows,
    target_text,
)
from mnist_tui.tui.reports.table_formats import as_csv
from mnist_tui.tui.text.table import Cell, text_of, value_of
from mnist_tui.tui.widgets.comparison_lines import LABEL_WIDTH
from tests.training.comparisons import columns, measured, validated

if TYPE_CHECKING:
    from mnist_tui.training.analysis.comparison import Comparison


def texts(comparison: Comparison, name: str) -> list[str]:
    """Return the row of a measure as it is printed, its label first."""
    table = comparison_table(comparison)
    row = next(row for row in table.rows if value_of(row[0]) == name)
    return [text_of(column, cell) for column, cell in zip(table.columns, row, strict=True)]


def shown_labels(comparison: Comparison) -> list[str]:
    table = measured_rows(comparison_table(comparison))
    return [text_of(table.columns[0], row[0]) for row in table.rows]


def test_parameters_that_differ_come_first_with_a_mark_where_they_do() -> None:
    comparison = compare_sessions(
        [validated(1, 0.9), validated(2, 0.9, learning_rate=0.1, filters=8)]
    )
    assert shown_labels(comparison)[:3] == ["filters", "learning rate", "validation accuracy %"]
    assert texts(comparison, "filters") == ["filters", "32-64", "8-16≠", ""]
    names = [row[0] for row in comparison_table(comparison).rows[:3]]
    assert [isinstance(name, Cell) and name.role for name in names] == [
        "parameter", "parameter", "",
    ]  # fmt: skip


def test_a_metric_has_values_differences_and_a_mark_at_the_best() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.9421), validated(3, 0.88)])
    assert texts(comparison, "val_accuracy") == [
        "validation accuracy %", "90.00", "94.21*", "+4.21", "88.00", "-2.00",
    ]  # fmt: skip


def test_different_data_has_values_without_differences() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.95, dataset="mnist")])
    assert texts(comparison, "val_accuracy")[1:] == ["90.00", "95.00", ""]


def test_rows_that_no_session_fills_are_left_out() -> None:
    assert "test accuracy %" not in shown_labels(
        compare_sessions([validated(1, 0.9), validated(2, 0.8)])
    )
    tested = measured(3, test=columns([1], accuracy=[0.9]))
    assert "test accuracy %" in shown_labels(compare_sessions([tested, measured(4)]))


def test_convergence_names_the_accuracy() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.95)], accuracy=0.925)
    assert texts(comparison, "epochs_to_accuracy")[:3] == ["epochs to 92.5 %", "–", "1"]
    assert target_text(comparison) == "accuracy to reach 92.5 %"
    assert target_text(compare_sessions([measured(1), measured(2)])) == "no accuracy to reach yet"


def test_every_metric_has_a_meaning_and_a_label_that_fits_the_screen() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.95)])
    meanings = measure_meanings(comparison)
    assert all(meanings[metric.name] for metric in METRICS)
    labels = [measure_label(comparison, metric.name) for metric in METRICS]
    assert [label for label in labels if len(label) >= LABEL_WIDTH] == []


def test_the_table_for_files_has_raw_values_of_every_metric() -> None:
    comparison = compare_sessions([validated(1, 0.9), validated(2, 0.95, filters=8)], baseline_id=2)
    table = comparison_table(comparison)
    assert table.names == ("measure", "#1 session-1", "difference #1", "#2 session-2")
    assert list(map(value_of, table.rows[0])) == ["filters", "32-64", None, "8-16"]
    assert list(map(value_of, table.rows[1])) == pytest.approx(["val_accuracy", 0.9, -0.05, 0.95])
    assert len(table.rows) == 1 + len(METRICS)
    assert "val_accuracy,0.9," in as_csv(table)


def test_a_session_called_difference_does_not_confuse_the_columns() -> None:
    session = validated(2, 0.9)
    named = dataclasses.replace(session, record=replace(session.record, name="difference"))
    names = comparison_table(compare_sessions([validated(1, 0.9), named])).names
    assert names == ("measure", "#1 session-1", "#2 difference", "difference #2")
