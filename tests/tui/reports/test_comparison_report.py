"""A comparison as text: what each value, difference and mark looks like."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from mnist_tui.training.analysis.comparison import compare
from mnist_tui.training.analysis.comparison_metrics import METRICS, Kind
from mnist_tui.tui.reports.comparison_report import (
    Row,
    accuracy_text,
    difference_text,
    rows_of,
    table_of,
    value_text,
)
from mnist_tui.tui.reports.table_formats import as_csv
from tests.training.comparisons import columns, measured, validated


def row(rows: list[Row], label: str) -> Row:
    return next(row for row in rows if row.label == label)


def test_parameters_that_differ_come_first_and_say_where_they_do() -> None:
    rows = rows_of(compare([validated(1, 0.9), validated(2, 0.9, learning_rate=0.1, filters=8)]))
    assert [row.label for row in rows[:3]] == [
        "filters", "learning rate", "validation accuracy %",
    ]  # fmt: skip
    assert [cell.text for cell in rows[0].cells] == ["32-64", "8-16"]
    assert [cell.mark for cell in rows[0].cells] == ["", "≠"]
    assert rows[0].is_parameter
    assert not rows[2].is_parameter


def test_a_metric_shows_values_differences_and_the_best() -> None:
    rows = rows_of(compare([validated(1, 0.9), validated(2, 0.9421), validated(3, 0.88)]))
    cells = row(rows, "validation accuracy %").cells
    assert [cell.text for cell in cells] == ["90.00", "94.21", "88.00"]
    assert [cell.difference for cell in cells] == ["", "+4.21", "-2.00"]
    assert [cell.is_best for cell in cells] == [False, True, False]


def test_different_data_shows_values_without_differences() -> None:
    rows = rows_of(compare([validated(1, 0.9), validated(2, 0.95, dataset="mnist")]))
    cells = row(rows, "validation accuracy %").cells
    assert [(cell.text, cell.difference, cell.mark) for cell in cells] == [
        ("90.00", "", ""),
        ("95.00", "", ""),
    ]


def test_rows_that_no_session_fills_are_left_out() -> None:
    labels = [row.label for row in rows_of(compare([validated(1, 0.9), validated(2, 0.8)]))]
    assert "test accuracy %" not in labels
    tested = measured(3, test=columns([1], accuracy=[0.9]))
    assert "test accuracy %" in [row.label for row in rows_of(compare([tested, measured(4)]))]


def test_convergence_names_the_accuracy() -> None:
    comparison = compare([validated(1, 0.9), validated(2, 0.95)], accuracy=0.925)
    assert row(rows_of(comparison), "epochs to 92.5 %").cells[1].text == "1"
    assert accuracy_text(comparison) == "accuracy to reach 92.5 %"
    assert accuracy_text(compare([measured(1), measured(2)])) == "no accuracy to reach yet"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("fraction", 0.99999, "99.99"),
        ("share", -0.025, "-2.50"),
        ("loss", -0.3428, "-0.3428"),
        ("loss", 123.456, "123.46"),
        ("small", 0.013413, "0.01341"),
        ("epochs", 3.0, "3"),
        ("epochs", 3.25, "3.25"),
        ("seconds", 0.23, "0.23s"),
        ("seconds", 42.24, "42.2s"),
        ("seconds", 130.0, "2m10"),
        ("rate", 28.34, "28.3"),
        ("rate", 12345.6, "12,346"),
        ("bytes", 2_820_000, "2.8 MB"),
        ("count", 25_616_458, "25,616,458"),
        ("loss", None, "–"),
    ],
)
def test_values_are_short_and_say_what_they_are(kind: Kind, value: float, text: str) -> None:
    assert value_text(kind, value) == text

    assert len(text) <= 10


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert value_text("share", -0.00001) == "0.00"
    assert value_text("share", -0.004) == "-0.40"


@pytest.mark.parametrize(
    ("kind", "difference", "base", "text"),
    [
        ("fraction", 0.0042, 0.9, "+0.42"),
        ("fraction", -0.0410, 0.9, "-4.10"),
        ("fraction", 0.00001, 0.9, "="),
        ("loss", -0.1237, 0.5, "-0.1237"),
        ("loss", 12.34, 0.5, "+12.3"),
        ("small", 0.00002, 0.01, "="),
        ("epochs", 2.0, 1.0, "+2"),
        ("seconds", -75.0, 100.0, "-1m15"),
        ("rate", 50.0, 100.0, "+50%"),
        ("rate", 0.1, 100.0, "="),
        ("count", 1_100_000, 100_000, "×12"),
        ("bytes", -50, 100, "-50%"),
        ("bytes", 50, 0, ""),
        ("loss", None, 0.5, ""),
    ],
)
def test_differences_carry_their_sign(
    kind: Kind, difference: float | None, base: float, text: str
) -> None:
    assert difference_text(kind, difference, base) == text
    assert len(text) <= 7


def test_the_table_for_files_has_values_as_they_are() -> None:
    comparison = compare([validated(1, 0.9), validated(2, 0.95, filters=8)], baseline_id=2)
    table = table_of(comparison)
    assert table.names == ("measure", "#1 session-1", "difference #1", "#2 session-2")
    assert table.rows[0] == ("filters", "32-64", None, "8-16")
    assert table.rows[1] == pytest.approx(("val_accuracy", 0.9, -0.05, 0.95))
    assert len(table.rows) == 1 + len(METRICS)
    assert "val_accuracy,0.9," in as_csv(table)


def test_a_session_called_difference_does_not_confuse_the_columns() -> None:
    session = validated(2, 0.9)
    named = dataclasses.replace(session, record=replace(session.record, name="difference"))
    names = table_of(compare([validated(1, 0.9), named])).names
    assert names == ("measure", "#1 session-1", "#2 difference", "difference #2")
